/** What both libraries' Clients have. */
export interface KeptClient {
  on(event: 'ready', listener: () => void): unknown;
  on(event: 'qr', listener: (qr: string) => void): unknown;
  initialize(): Promise<void>;
  destroy(): Promise<void>;
  pupBrowser?: { process(): { pid?: number | undefined } | null } | null | undefined;
}

interface Kept {
  client: KeptClient;
  isReady: Promise<void>;
}

const sessions: Kept[] = [];

/** Starts a client that is not linked yet. */
export async function keep(client: KeptClient): Promise<{ qr: string }> {
  const qr = new Promise<string>((resolve) => client.on('qr', resolve));
  const isReady = new Promise<void>((resolve) => client.on('ready', () => resolve()));
  sessions.push({ client, isReady });
  await Promise.race([qr, client.initialize().then(() => qr)]);
  return { qr: await qr };
}

export const keeping = {
  /** Resolves once all that were started are ready. */
  async untilReady(_: null): Promise<{ browsers: number[] }> {
    await Promise.all(sessions.map(({ isReady }) => isReady));
    return { browsers: sessions.map(({ client }) => client.pupBrowser?.process()?.pid ?? 0) };
  },

  async end(_: null): Promise<void> {
    await Promise.all(sessions.map(({ client }) => client.destroy()));
  },
};
