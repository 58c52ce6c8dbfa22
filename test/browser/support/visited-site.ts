import { EventEmitter, on } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A document of the site that is open in a browser. */
export interface Visit {
  /** Resolves when the document is gone. */
  left: Promise<void>;
}

/** A site whose pages hold a request open, by which it sees when they come and go. */
export class VisitedSite {
  readonly url: string;
  /** The same page at another host name: for browsers another site, with a process of its own. */
  readonly urlElsewhere: string;
  readonly #visits: AsyncIterator<[Visit]>;

  private constructor(port: number, visits: AsyncIterator<[Visit]>) {
    this.url = `http://127.0.0.1:${port}/`;
    this.urlElsewhere = `http://localhost:${port}/`;
    this.#visits = visits;
  }

  /** @param script runs in the page as it is parsed */
  static async start(script = ''): Promise<VisitedSite> {
    const events = new EventEmitter();
    const visits = on(events, 'visit') as AsyncIterator<[Visit]>;
    const server = createServer((request, response) => {
      if (request.url === '/visit') {
        const left = new Promise<void>((resolve) => void response.once('close', resolve));
        events.emit('visit', { left });
        return;
      }
      response.setHeader('content-type', 'text/html');
      response.end(`<!doctype html><title>Site</title><script>fetch('/visit');${script}</script>`);
    });
    await new Promise<void>((resolve) => void server.listen(0, resolve));
    onTestFinished(async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    });
    return new VisitedSite((server.address() as AddressInfo).port, visits);
  }

  /** The first visit, which may be past; the next call gives the second. */
  async nextVisit(): Promise<Visit> {
    const { value } = await this.#visits.next();
    return value[0];
  }
}
