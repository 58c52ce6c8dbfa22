import { chromium, holdfast } from '../built.js';
import { serve } from './serve.js';
import { type Start, timeToReady } from './time-to-ready.js';

export type StartCommands = typeof commands;

const commands = {
  start({ dataPath, args }: { dataPath: string; args: string[] }): Promise<Start> {
    const authStrategy = new holdfast.LocalAuth({ dataPath });
    const puppeteer = { executablePath: chromium, args };
    return timeToReady(new holdfast.Client({ authStrategy, puppeteer }));
  },
};

serve(commands);
