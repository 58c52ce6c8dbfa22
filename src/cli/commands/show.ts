import type { Command } from 'commander';
import { findHolder } from '../../snapshot/lease/find-holder.js';
import { chunksOf } from '../../snapshot/manifest.js';
import { openSession, sessionNotFound } from '../../snapshot/open-session.js';
import { listPackSizes } from '../../snapshot/pack-sizes.js';
import { readManifest } from '../../snapshot/read-manifest.js';
import { formatBytes, formatCount, formatTable, formatTime } from '../format.js';
import {
  type Answer,
  answerWith,
  type EngineContext,
  type EngineFlags,
  engineOptions,
} from './engine-command.js';

export function addShow(program: Command, onEnd: (exitCode: number) => void): void {
  const command = program
    .command('show')
    .description('Show a session: its snapshots, and what the newest holds.');
  engineOptions(command, { needsSession: true, needsKey: true }).action(
    async (flags: EngineFlags) => onEnd(await answerWith(flags, show)),
  );
}

async function show({ location }: EngineContext): Promise<Answer> {
  const { head, reader } = await openSession(location);
  const holder = await findHolder(location.store, head.owner);
  const last = head.snapshots.at(-1);
  // A start that came to nothing leaves a head.
  if (!last && holder === null) throw sessionNotFound(location.session);
  const manifest = last ? (await readManifest(reader, last.manifest)).manifest : null;
  const sizes = [...(await listPackSizes(location.store, location.session)).values()];
  const storedBytes = sizes.reduce((sum, size) => sum + size, 0);
  const snapshots = [...head.snapshots].reverse();
  const json = {
    session: head.session,
    state: head.state,
    sealed: head.isSealed,
    generation: head.generation,
    sequence: head.sequence,
    holder,
    storedBytes,
    objects: sizes.length,
    snapshots: snapshots.map(({ manifest: _, ...info }) => info),
    newest: manifest && {
      files: manifest.files.size,
      chunks: [...chunksOf(manifest)].length,
      platform: manifest.platform,
      browserVersion: manifest.browserVersion,
      live: manifest.live.state,
      liveReason: manifest.live.reason,
      leftOut: manifest.leftOut,
    },
  };
  const lines = [
    `Session    ${head.session}`,
    `State      ${head.state}, ${head.isSealed ? 'sealed' : 'NOT sealed'}`,
    `Held by    ${holder ? `process ${holder.pid} on ${holder.host}` : 'nobody'}`,
    `In store   ${formatBytes(storedBytes)} in ${formatCount(sizes.length, 'object')}`,
  ];
  if (manifest) {
    const { browserVersion, platform, live, leftOut } = manifest;
    lines.push(
      `Browser    ${browserVersion ?? 'unknown'} on ${platform}`,
      `Live       ${LIVE[live.state]}${live.reason ? `: ${live.reason}` : ''}`,
      ...(leftOut.length > 0 ? [`Left out   ${leftOut.join(', ')} (damaged, holds no login)`] : []),
    );
  }
  const rows = snapshots.map(({ sequence, savedAt, size }) => [
    String(sequence),
    formatTime(savedAt),
    formatBytes(size),
  ]);
  const table = formatTable([['SNAPSHOT', 'SAVED', 'SIZE'], ...rows]);
  const text = rows.length > 0 ? `\n\n${table}` : '\nNothing has been saved yet.';
  return { text: lines.join('\n') + text, json };
}

const LIVE = {
  included: "localStorage and cookies from the browser's memory are in it",
  'not-needed': 'the browser was closed, the files are complete',
  unavailable: "localStorage and cookies from the browser's memory are NOT in it",
};
