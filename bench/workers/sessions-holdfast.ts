import path from 'node:path';
import { chromium, holdfast } from '../built.js';
import { keep, keeping } from './keep-sessions.js';
import { serve } from './serve.js';

export interface SessionSettings {
  clientId: string;
  folder: string;
  args: string[];
  isLean: boolean;
}

export type SessionCommands = typeof commands;

const commands = {
  start({ clientId, folder, args, isLean }: SessionSettings) {
    const authStrategy = new holdfast.RemoteAuth({
      clientId,
      store: new holdfast.FileStore({ path: path.join(folder, 'store') }),
      dataPath: folder,
      encryptionKey: Buffer.alloc(32, 7),
    });
    const all = isLean ? [...args, ...holdfast.LEAN_ARGUMENTS] : args;
    const puppeteer = { executablePath: chromium, args: all };
    return keep(new holdfast.Client({ authStrategy, puppeteer }));
  },
  ...keeping,
};

serve(commands);
