import { Client, LocalAuth } from 'whatsapp-web.js';
import { chromium } from '../built.js';
import { keep, keeping } from './keep-sessions.js';
import { serve } from './serve.js';
import type { SessionCommands } from './sessions-holdfast.js';

const commands: SessionCommands = {
  start({ clientId, folder, args }) {
    const authStrategy = new LocalAuth({ clientId, dataPath: folder });
    const puppeteer = { executablePath: chromium, args };
    // Its default keeps WhatsApp's page on disk and looks for a version that the stand-in has not.
    return keep(new Client({ authStrategy, webVersionCache: { type: 'none' }, puppeteer }));
  },
  ...keeping,
};

serve(commands);
