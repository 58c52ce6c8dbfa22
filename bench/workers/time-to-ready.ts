/** What both libraries' Clients have. */
interface Startable {
  once(event: 'ready' | 'qr', listener: () => void): unknown;
  initialize(): Promise<void>;
  destroy(): Promise<void>;
}

export interface Start {
  wallMs: number;
}

const PATIENCE_MS = 60_000;

/** Starts a client on a kept session, and ends it once it is ready. */
export async function timeToReady(client: Startable): Promise<Start> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const ready = new Promise<void>((resolve, reject) => {
      client.once('ready', resolve);
      client.once('qr', () => reject(new Error('it asked for a QR code')));
      const late = () => reject(new Error(`it was not ready within ${PATIENCE_MS / 1000} s`));
      timer = setTimeout(late, PATIENCE_MS);
    });
    const before = performance.now();
    const initialized = client.initialize();
    await Promise.race([ready, initialized.then(() => ready)]);
    const wallMs = performance.now() - before;
    await initialized;
    return { wallMs };
  } finally {
    clearTimeout(timer);
    await client.destroy();
  }
}
