import { createCertificate } from './certificate.js';
import type { Network, StandInPage } from './network.js';
import { Phone } from './phone.js';
import { WebServer } from './web-server.js';

export type { Device, DeviceRecord, DeviceReturn, Overlap } from './device.js';
export type { Incoming, SentMessage, Undecryptable } from './messages.js';
export type { StandInPage } from './network.js';
export type { Phone } from './phone.js';
export type { Traffic, TrafficOptions } from './traffic.js';
export type { WaitOptions } from './waiters.js';

const HOST = 'web.whatsapp.com';

export interface StandInOptions {
  /** Number of the first phone: international, digits only. Default: `12025550108`. */
  phoneNumber?: string;
  /** How the page behaves; what is left out has the defaults of {@link StandIn.page}. */
  page?: Partial<StandInPage>;
}

/** A web app at `https://web.whatsapp.com`, for browsers started with `launchArgs`, and its phones. */
export interface StandIn {
  /** Chromium arguments that lead that one address here; nothing else is changed. */
  readonly launchArgs: string[];
  /** The first phone. */
  readonly phone: Phone;
  addPhone(number: string): Phone;
  /** Change it at any time; it counts from the next load of the page. */
  readonly page: StandInPage;
  /** Pages that have asked to be linked so far: one more means that a login was not there. */
  readonly linkingPages: number;
  /** False: connections are refused and those that are open break. True: back on the same port. */
  setReachable(reachable: boolean): Promise<void>;
  /** Ends everything; safe to call twice. */
  close(): Promise<void>;
}

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const network: Network = {
    page: {
      version: '2.3000.1031490220',
      bootDelayMs: 0,
      navigationsDuringBoot: 0,
      syncDelayMs: 500,
      syncedAtBoot: false,
      withhold: [],
      advSecretModule: 'WAWebUserPrefsMultiDevice',
      refLifetimesMs: [60_000, 20_000],
      refCount: 6,
      codeLifetimeMs: 180_000,
      ...options.page,
    },
    phones: new Map(),
    waiting: new Set(),
    linkingPages: 0,
  };
  const addPhone = (number: string): Phone => {
    if (network.phones.has(number)) throw new Error(`there is a phone ${number} already`);
    const phone = new Phone(number, network);
    network.phones.set(number, phone);
    return phone;
  };
  const phone = addPhone(options.phoneNumber ?? '12025550108');
  const certificate = createCertificate(HOST);
  const server = new WebServer(certificate, network);
  await server.listen();
  return {
    launchArgs: [
      `--host-resolver-rules=MAP ${HOST} 127.0.0.1:${server.port}`,
      `--ignore-certificate-errors-spki-list=${certificate.spkiHash}`,
    ],
    phone,
    addPhone,
    page: network.page,
    get linkingPages() {
      return network.linkingPages;
    },
    setReachable: (reachable) => (reachable ? server.listen() : server.stop()),
    close: async () => {
      for (const each of network.phones.values()) each.close();
      await server.stop();
    },
  };
}
