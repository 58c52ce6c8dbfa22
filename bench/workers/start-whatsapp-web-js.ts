import { Client, LocalAuth } from 'whatsapp-web.js';
import { chromium } from '../built.js';
import { serve } from './serve.js';
import type { StartCommands } from './start-holdfast.js';
import { timeToReady } from './time-to-ready.js';

const commands: StartCommands = {
  start({ dataPath, args }) {
    const authStrategy = new LocalAuth({ dataPath });
    const puppeteer = { executablePath: chromium, args };
    // Its default keeps WhatsApp's page on disk and looks for a version that the stand-in has not.
    return timeToReady(new Client({ authStrategy, webVersionCache: { type: 'none' }, puppeteer }));
  },
};

serve(commands);
