import { createRequire } from 'node:module';
import path from 'node:path';
import { HoldfastError } from '../errors.js';

/**
 * A client library that its user installs: the one beside Holdfast, else the one of the program in
 * the working folder, for a command that was installed for the whole system.
 *
 * @param neededBy for the message: `MongoStore`
 * @throws {HoldfastError} CLIENT_MISSING
 */
export function loadClient<Module>(packageName: string, neededBy: string): Module {
  const fromWorkingFolder = createRequire(path.join(process.cwd(), 'package.json'));
  for (const load of [require, fromWorkingFolder]) {
    try {
      return load(packageName) as Module;
    } catch (error) {
      if (!isMissing(error, packageName)) throw error;
    }
  }
  throw new HoldfastError(
    'CLIENT_MISSING',
    `${neededBy} needs the package ${packageName}, which is not installed: ` +
      `npm install ${packageName}`,
  );
}

/** Of the package itself, not of something that it needs. */
function isMissing(error: unknown, packageName: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' && message.includes(`'${packageName}'`);
}
