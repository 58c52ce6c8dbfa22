import path from 'node:path';
import type * as FindBrowser from '../src/browser/find-browser.js';
import type * as Holdfast from '../src/index.js';
import type * as Mongo from '../src/mongo.js';
import type * as S3 from '../src/s3.js';
import type * as StandIn from '../src/standin/index.js';
import { root } from './paths.js';

// What is measured is what users load: the build, with the sources' types.

export const holdfast = load<typeof Holdfast>('index.js');
export const mongo = load<typeof Mongo>('mongo.js');
export const s3 = load<typeof S3>('s3.js');
export const { startStandIn } = load<typeof StandIn>('standin/index.js');
const { findBrowser } = load<typeof FindBrowser>('browser/find-browser.js');

export const chromium = findBrowser().executablePath;

/** A module of the build; throws when it is not there. */
export function load<T>(file: string): T {
  return require(path.join(root, 'dist', file)) as T;
}
