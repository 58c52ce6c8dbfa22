import { Client, RemoteAuth } from 'whatsapp-web.js';
import { chromium } from '../built.js';
import { folderStore } from '../stores/folder-store.js';
import { start, untilDurable } from './link-and-save.js';
import type { LinkCommands } from './link-holdfast.js';
import { serve } from './serve.js';

const commands: LinkCommands = {
  start({ dataPath, store, args }) {
    const authStrategy = new RemoteAuth({
      store: folderStore(store, dataPath),
      dataPath,
      // The least that it takes.
      backupSyncIntervalMs: 60_000,
    });
    const puppeteer = { executablePath: chromium, args };
    return start(new Client({ authStrategy, webVersionCache: { type: 'none' }, puppeteer }));
  },
  untilDurable,
};

serve(commands);
