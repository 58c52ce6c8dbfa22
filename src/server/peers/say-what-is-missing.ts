import type { Log } from '../log/log.js';
import type { OwnEvents } from '../own-events.js';
import type { ServedFleet } from '../served-fleet.js';

/** Said once: the sessions of the other cannot be reached from here. */
export function sayWhatIsMissing(fleet: ServedFleet, own: OwnEvents, log: Log): void {
  const onWorkers = () => {
    if (fleet.workers().length < 2) return;
    own.off('workers', onWorkers);
    log.write('error', 'fleet_secret_missing', {
      message:
        'Another worker uses this store, but requests cannot be passed on to it: start all workers ' +
        'with the same HOLDFAST_FLEET_SECRET (`openssl rand -hex 32`), or --fleet-secret-file.',
    });
  };
  own.on('workers', onWorkers);
}
