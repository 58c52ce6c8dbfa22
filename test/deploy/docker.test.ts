import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { readText, root } from './deploy-files.js';

const dockerfile = readText('Dockerfile').replaceAll('\\\n', ' ');
const lastStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

/** The arguments of the last such line, in the form of a list. */
function listOf(instruction: string): string[] {
  const lines = [...lastStage.matchAll(new RegExp(`^ *${instruction}.*?(\\[.*\\])$`, 'gm'))];
  return JSON.parse(lines.at(-1)?.[1] ?? 'null') as string[];
}

test('what is copied into the image is there, and is not kept from it', () => {
  const admitted = readText('.dockerignore').match(/(?<=^!).+$/gm) ?? [];
  const sources = [...dockerfile.matchAll(/^COPY (?!--from)(?:--\S+ )?(.+) \S+$/gm)]
    .flatMap(([, files = '']) => files.split(' '))
    .filter((file) => file !== '.');
  const { scripts } = JSON.parse(readText('package.json')) as { scripts: { build: string } };
  sources.push(...(scripts.build.match(/(?:src|scripts)\/\S+/g) ?? []));
  for (const file of [...admitted, ...sources]) {
    expect(existsSync(path.join(root, file)), file).toBe(true);
  }
  for (const file of sources) {
    expect(
      admitted.some((each) => `${file}/`.startsWith(`${each}/`)),
      file,
    ).toBe(true);
  }
});

test('it does not run as root, by a number that Kubernetes can check', () => {
  expect(lastStage.match(/^USER (.*)$/m)?.[1]).toMatch(/^[1-9]\d+:[1-9]\d+$/);
});

test('SIGTERM is passed on to the worker alone', () => {
  expect(listOf('ENTRYPOINT')).toEqual(['tini', '--', 'holdfast']);
  expect(listOf('CMD').slice(0, 3)).toEqual(['serve', '--host', '0.0.0.0']);
});

test.each([
  [200, true],
  [503, false],
  [null, false],
])('with the answer %s of /healthz it is healthy: %s', async (status, isHealthy) => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/healthz' ? (status ?? 0) : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise((resolve) => server.close(resolve));
  if (status === null) await close();
  else onTestFinished(async () => void (await close()));

  const [, flag = '', script = ''] = listOf('HEALTHCHECK');
  const check = promisify(execFile)(process.execPath, [
    flag,
    script.replace('127.0.0.1:8480', `127.0.0.1:${port}`),
  ]);
  expect(await check.then(() => true).catch(() => false)).toBe(isHealthy);
});

test.skipIf(!existsSync('/usr/bin/chromium'))(
  "CHROMIUM_FLAGS reach the browser, which Debian's own launcher would not let",
  async () => {
    const page = 'data:text/html,<script>document.write(navigator.userAgent)</script>';
    const { stdout } = await promisify(execFile)(
      path.join(root, 'deploy/docker/chromium'),
      ['--headless', '--dump-dom', page],
      { env: { ...process.env, CHROMIUM_FLAGS: '--no-sandbox --user-agent=of-the-flags' } },
    );
    expect(stdout).toContain('of-the-flags');
  },
);

test('the seccomp profile leaves what Chromium builds its sandbox of, and no more than it needs', () => {
  const profile = JSON.parse(readText('deploy/docker/chromium-seccomp.json')) as {
    syscalls: { names: string[]; action: string }[];
  };
  const refused = profile.syscalls
    .filter(({ action }) => action === 'SCMP_ACT_ERRNO')
    .flatMap(({ names }) => names);
  for (const needed of ['clone', 'clone3', 'unshare', 'chroot', 'seccomp']) {
    expect(refused).not.toContain(needed);
  }
  for (const dangerous of ['bpf', 'mount', 'ptrace', 'setns', 'kexec_load', 'io_uring_setup']) {
    expect(refused).toContain(dangerous);
  }
});
