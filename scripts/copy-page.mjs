// Copies what the dashboard has besides scripts, which tsc writes, into the build.

import { cpSync, statSync } from 'node:fs';
import { extname } from 'node:path';

const SERVED = ['.html', '.css', '.svg'];

cpSync('src/server/page', 'dist/server/page', {
  recursive: true,
  filter: (source) => statSync(source).isDirectory() || SERVED.includes(extname(source)),
});
