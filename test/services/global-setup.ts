import type { TestProject } from 'vitest/node';
import { startBroker } from './broker.js';

declare module 'vitest' {
  interface ProvidedContext {
    serviceBroker: number;
  }
}

/** Vitest calls this before the first test file, and what it returns after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const broker = await startBroker();
  project.provide('serviceBroker', broker.port);
  return () => broker.stop();
}
