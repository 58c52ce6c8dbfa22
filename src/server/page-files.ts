import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

interface PageFile {
  bytes: Buffer<ArrayBuffer>;
  type: string;
  tag: string;
}

/**
 * The files of the dashboard, as they were when the server started. What is asked for is looked up
 * among them: no request leads to a path.
 */
export class PageFiles {
  readonly #files = new Map<string, PageFile>();

  constructor(folder: string) {
    for (const name of namesIn(folder)) {
      const type = TYPES[path.extname(name)];
      if (type === undefined) continue;
      const bytes = Buffer.from(readFileSync(path.join(folder, name)));
      const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
      this.#files.set(name, { bytes, type, tag });
    }
  }

  /** @returns null: there is no such file */
  answer(name: string, request: Request, status = 200): Response | null {
    const file = this.#files.get(name);
    if (file === undefined) return null;
    const headers = { 'Content-Type': file.type, 'Cache-Control': 'no-cache', ETag: file.tag };
    if (status === 200 && request.headers.get('If-None-Match') === file.tag) {
      return new Response(null, { status: 304, headers });
    }
    return new Response(file.bytes, { status, headers });
  }
}

function namesIn(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    // A build without the page serves the API.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .map((name) => name.split(path.sep).join('/'));
}
