import type { Page } from 'puppeteer-core';
import type * as EngineModule from '../src/engine.js';
import { load } from './built.js';

type Engine = typeof EngineModule & {
  puppeteerLivePage(page: Page): EngineModule.LivePage;
};

/** The engine of the build, as `holdfast/engine` gives it. */
export const engine = load<Engine>('engine.js');
