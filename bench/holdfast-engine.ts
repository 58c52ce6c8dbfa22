import type * as Engine from '../src/engine.js';
import { load } from './built.js';

/** The engine of the build, as `holdfast/engine` gives it. */
export const engine = load<typeof Engine>('engine.js');
