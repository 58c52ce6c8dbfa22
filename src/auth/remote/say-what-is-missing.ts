import { warn } from '../../system/warn.js';
import { isObjectStore, type ResolvedRemoteAuthOptions } from './options.js';

/** What a user may not be aware of, and would want to be told. */
export function sayWhatIsMissing(
  sessionName: string,
  { store, encryptionKey }: Pick<ResolvedRemoteAuthOptions, 'store' | 'encryptionKey'>,
): void {
  if (encryptionKey === undefined) {
    warn(
      'NOT_SEALED',
      `The session ${sessionName} is NOT sealed: whoever reads the store has the login. ` +
        'Give RemoteAuth an encryptionKey; `holdfast key new` makes one.',
    );
  }
  if (!isObjectStore(store)) {
    warn(
      'NO_LEASE',
      `The store of the session ${sessionName} moves whole archives: every save sends all of it, ` +
        'and two processes with this session are not kept apart.',
    );
  }
}
