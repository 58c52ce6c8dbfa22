import { chromium, holdfast } from '../built.js';
import { start, untilDurable } from './link-and-save.js';
import { serve } from './serve.js';

export interface LinkSettings {
  dataPath: string;
  store: string;
  args: string[];
}

export type LinkCommands = typeof commands;

const commands = {
  start({ dataPath, store, args }: LinkSettings) {
    const authStrategy = new holdfast.RemoteAuth({
      store: new holdfast.FileStore({ path: store }),
      dataPath,
      encryptionKey: Buffer.alloc(32, 7),
    });
    const puppeteer = { executablePath: chromium, args };
    return start(new holdfast.Client({ authStrategy, puppeteer }));
  },
  untilDurable,
};

serve(commands);
