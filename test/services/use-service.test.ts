import { once } from 'node:events';
import { expect, it } from 'vitest';
import { startRun } from './fixtures/start-run.js';

/** An endpoint without its keys: a server that cannot be had, on any machine. */
const withoutS3 = { S3_ENDPOINT: 'http://127.0.0.1:1', AWS_ACCESS_KEY_ID: '' };
const reason = 'S3 cannot be had here: S3_ENDPOINT is set, AWS_ACCESS_KEY_ID is not';

async function runAsking(env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  const run = startRun('asks-for-s3', { ...withoutS3, ...env });
  let output = '';
  for (const stream of [run.stdout, run.stderr]) {
    stream?.on('data', (data) => {
      output += data;
    });
  }
  const [code] = await once(run, 'close');
  return { code, output };
}

it('skips what asks for a server that cannot be had, says why, and runs the rest', async () => {
  const { code, output } = await runAsking({ HOLDFAST_TEST_ALL: undefined });
  const lines = output.trimEnd().split('\n');
  expect(lines.slice(-2)).toEqual([`3 skipped: ${reason}`, '2 passed, 0 failed, 3 skipped']);
  expect(output).toContain('after all: undefined');
  expect(code).toBe(0);
});

it('fails it where every server has to be had', async () => {
  const { code, output } = await runAsking({ HOLDFAST_TEST_ALL: '1' });
  expect(output.split(`Error: ${reason}`)).toHaveLength(3);
  expect(output.trimEnd().split('\n').at(-1)).toBe('2 passed, 2 failed, 2 skipped');
  expect(code).toBe(1);
});
