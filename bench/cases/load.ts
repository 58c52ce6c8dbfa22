import path from 'node:path';
import { GrowthWatch } from '../measure/growth-watch.js';
import { quantile } from '../measure/statistics.js';
import { middleSize } from '../options.js';
import { startHoldfast } from '../peers/holdfast.js';
import { SESSION } from '../peers/peer.js';
import { LiveProfile } from '../profiles/live-profile.js';
import { madeProfile, SAVED_FOLDERS } from '../profiles/made-profile.js';
import { bytes, column, count, milliseconds, seconds, times } from '../report/columns.js';
import type { Figures, Results } from '../report/results.js';
import type { BenchCase } from './bench-case.js';
import { withRunFolder } from './run-folder.js';

const RATES = [5, 200];
const MESSAGE_BYTES = 4096;

export const loadCase: BenchCase = {
  title: `Under messages of ${MESSAGE_BYTES} bytes, saving every second and not saving`,
  columns: [
    column('payload', 'payloadBytes', bytes),
    column('saves', 'saves', count),
    column('nothing new', 'nothingNew', count),
    column('sent', 'bytesSent', bytes),
    column('changed on disk', 'changedBytes', bytes),
    column('sent/payload', 'sentPerPayload', times),
    column('save p50', 'saveP50Ms', milliseconds),
    column('save max', 'saveMaxMs', milliseconds),
    column('CPU', 'cpuSeconds', seconds),
    column('loop p50', 'loopP50Ms', milliseconds),
    column('loop p99', 'loopP99Ms', milliseconds),
    column('loop max', 'loopMaxMs', milliseconds),
    column('ack p50', 'ackP50Ms', milliseconds),
    column('ack p95', 'ackP95Ms', milliseconds),
  ],

  async run({ options, chromium, say }, results) {
    const size = middleSize(options);
    const made = await madeProfile(size, chromium);
    for (const perSecond of RATES) {
      for (const isSaving of [false, true]) {
        say(`${perSecond} messages/s for ${options.loadSeconds} s, saving: ${isSaving}`);
        const row = {
          size,
          peer: isSaving ? 'saving each second' : 'not saving',
          operation: `${perSecond} messages/s`,
        };
        await withRunFolder(async (folder) => {
          const live = await LiveProfile.open(made, path.join(folder, 'data', SESSION));
          const load = { perSecond, isSaving, seconds: options.loadSeconds };
          try {
            results.add(row, await underLoad(live, folder, load, results, row));
          } catch (error) {
            results.fail(row, error);
          } finally {
            await live.close();
          }
        });
      }
    }
  },
};

interface Load {
  perSecond: number;
  isSaving: boolean;
  seconds: number;
}

async function underLoad(
  live: LiveProfile,
  folder: string,
  load: Load,
  results: Results,
  row: Parameters<Results['fail']>[0],
): Promise<Figures> {
  const store = { kind: 'folder', path: path.join(folder, 'store') } as const;
  const worker = await startHoldfast(store, path.join(folder, 'work'));
  const ackMs: number[] = [];
  try {
    await worker.call('attach', { profile: live.folder, endpoint: live.endpoint });
    await live.quiet();
    if (load.isSaving) await worker.call('save', null);
    const written = new GrowthWatch(live.folder, SAVED_FOLDERS);
    const traffic = live.device.startTraffic({
      perSecond: load.perSecond,
      bytes: MESSAGE_BYTES,
      onAcked: (ms) => ackMs.push(ms),
    });
    const { seconds: duration } = load;
    const saves = load.isSaving
      ? await worker.call('saveEverySecond', { seconds: duration })
      : await worker.call('idle', { seconds: duration });
    const changedBytes = written.stop();
    await traffic.stop();
    await worker.call('close', null);
    for (const failure of saves.failures) results.fail(row, failure);
    const { failures: _, saveMs, ...figures } = saves;
    const payloadBytes = traffic.sent * MESSAGE_BYTES;
    return {
      ...figures,
      payloadBytes,
      changedBytes,
      sentPerPayload: load.isSaving ? saves.bytesSent / payloadBytes : null,
      saveP50Ms: quantile(saveMs, 0.5),
      saveMaxMs: quantile(saveMs, 1),
      ackP50Ms: quantile(ackMs, 0.5),
      ackP95Ms: quantile(ackMs, 0.95),
    };
  } finally {
    await worker.stop();
  }
}
