/** What both libraries' Clients have. */
export interface SavingClient {
  on(event: 'ready' | 'remote_session_saved', listener: () => void): unknown;
  on(event: 'qr', listener: (qr: string) => void): unknown;
  initialize(): Promise<void>;
}

/** A client that keeps its session in a store, from its start on. */
export interface Started {
  /** The first code, or null: it was ready without one. */
  qr: string | null;
}

export interface Durable {
  /** From `ready` to the moment that a new link is in the store. */
  wallMs: number;
}

let durable: Promise<Durable>;

export async function start(client: SavingClient): Promise<Started> {
  const readyAt = new Promise<number>((resolve) =>
    client.on('ready', () => resolve(performance.now())),
  );
  const savedAt = new Promise<number>((resolve) =>
    client.on('remote_session_saved', () => resolve(performance.now())),
  );
  durable = Promise.all([readyAt, savedAt]).then(([ready, saved]) => ({ wallMs: saved - ready }));
  const asked = new Promise<Started>((resolve) => client.on('qr', (qr) => resolve({ qr })));
  const ready = readyAt.then(() => ({ qr: null }));
  return Promise.race([asked, ready, client.initialize().then(() => asked)]);
}

export function untilDurable(_: null): Promise<Durable> {
  return durable;
}
