import { copyFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StandIn } from '../../src/standin/index.js';
import { browserArgs, startStandIn } from '../standin/stand-in.js';
import { RunningProgram } from '../support/running-program.js';
import { root } from './documents.js';
import { environmentOf, makeProject } from './installed-project.js';

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());

it.each(['mongo-remote-auth.js', 's3-remote-auth.js'])(
  "whatsapp-web.js's sample %s keeps its login on an empty disk",
  async (name) => {
    const folder = await makeProject();
    const program = path.join(folder, name);
    await copyFile(path.join(root, 'examples', name), program);
    const env = await environmentOf(name);
    const options = { launchArgs: browserArgs(standIn), cwd: folder, env };
    const first = new RunningProgram(program, [], options);
    await first.untilOutput(/^2@/m);
    const device = await standIn.phone.scan(first.lines.find((line) => /^2@/.test(line)) ?? '');
    await first.untilOutput(/The new login is in the store/);
    await device.receive({ body: 'one more' });
    first.signal('SIGTERM');
    await first.ended;

    await rm(path.join(folder, '.wwebjs_auth'), { recursive: true });
    const second = new RunningProgram(program, [], options);
    await device.waitUntilSynced();
    second.signal('SIGTERM');
    await second.ended;
    expect(second.output).not.toContain('2@');
    expect(device).toMatchObject({ linked: true, lost: 0, corruption: [] });
  },
);
