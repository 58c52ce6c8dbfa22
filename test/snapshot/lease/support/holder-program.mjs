// Holds a session of a FileStore until it is ended:
//
//   node holder-program.mjs <dist> <store folder> <session> <termMs> [<sleeper>]
//
// and says so in one line. With <sleeper>, the path of a program, it starts that as its "browser".

import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, folder, session, termMs, sleeper] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(path.join(dist, file)).href);
const { FileStore } = await load('index.js');
const { joinWorker } = await load('snapshot/lease/join-worker.js');
const { takeSession } = await load('snapshot/lease/take-session.js');
const { identifyProcess } = await load('system/processes.js');

const store = new FileStore({ path: folder });
const { worker } = await joinWorker(store, Number(termMs));
const events = {
  onWanted: () => console.log('wanted'),
  onLost: () => console.log('lost'),
};
worker.claim(session, events);
await takeSession({ store, session, worker, onLeaseHeld: 'fail' });
let browser;
if (sleeper) {
  browser = spawn(process.execPath, [sleeper, '--remote-debugging-pipe'], {
    stdio: 'ignore',
    detached: true,
  });
  await worker.noteBrowser(await identifyProcess(browser.pid));
}
console.log(`held ${browser?.pid ?? ''}`);
setInterval(() => undefined, 1000);
