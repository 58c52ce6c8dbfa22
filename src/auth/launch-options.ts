import path from 'node:path';
import { pinStorageBackends } from '../browser/browser-arguments.js';
import { HoldfastError } from '../errors.js';
import { onShutdown } from '../system/shutdown.js';
import type { StrategyClient } from './auth-strategy.js';

/**
 * Options with which the profile in `folder` cannot be kept.
 *
 * @param strategy its name, for the message
 * @throws {HoldfastError} INCOMPATIBLE_OPTIONS
 */
export function refuseOtherProfiles(
  client: StrategyClient,
  folder: string,
  strategy: string,
): void {
  const { args, browserWSEndpoint, browserURL, ...options } = client.options.puppeteer ?? {};
  const argument = args?.find((arg) => arg.startsWith('--user-data-dir='));
  const userDataDir = argument?.slice(argument.indexOf('=') + 1) ?? options.userDataDir;
  if (userDataDir !== undefined && path.resolve(userDataDir) !== folder) {
    throw new HoldfastError(
      'INCOMPATIBLE_OPTIONS',
      `The browser's user data dir is given as ${userDataDir}, but ${strategy} keeps the profile in ${folder}. ` +
        'Remove it, or choose the place by dataPath and clientId.',
    );
  }
  if (browserWSEndpoint !== undefined || browserURL !== undefined) {
    throw new HoldfastError(
      'INCOMPATIBLE_OPTIONS',
      `${strategy} keeps the profile of a browser that it starts; it cannot keep that of a browser ` +
        'elsewhere. Remove puppeteer.browserWSEndpoint and browserURL, or use NoAuth.',
    );
  }
}

/** Has the client start its browser on the folder; the caller's own options are left as they are. */
export function launchOn(client: StrategyClient, folder: string): void {
  const { puppeteer = {} } = client.options;
  client.options.puppeteer = {
    ...puppeteer,
    userDataDir: folder,
    args: pinStorageBackends(puppeteer.args ?? []),
    // The browser must close itself, and flush, when this process dies.
    pipe: true,
  };
}

/**
 * Under a client that leaves signals to Puppeteer, which would end the process before anything is
 * saved: has them close the client properly first.
 *
 * @returns a function that undoes it
 */
export function takeOverSignals(client: StrategyClient): () => void {
  client.options.puppeteer = {
    ...client.options.puppeteer,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  };
  return onShutdown(() => client.destroy());
}

/** To be called while a `change_state` to CONFLICT is emitted: this one is not taken back. */
export function refuseTakeover({ options }: StrategyClient): void {
  const { takeoverOnConflict } = options;
  options.takeoverOnConflict = false;
  setImmediate(() => {
    options.takeoverOnConflict = takeoverOnConflict;
  });
}
