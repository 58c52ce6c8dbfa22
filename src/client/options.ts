import type { AuthStrategy, PuppeteerOptions } from '../auth/auth-strategy.js';
import {
  type Check,
  checkOptions,
  hasTexts,
  isBoolean,
  isCount,
  isObject,
  isText,
} from '../check-options.js';
import { warn } from '../system/warn.js';
import { digitsOf } from './phone-number.js';

/** A strategy: one of ours, one that extends AuthStrategy, or any object with some of its hooks. */
export type AuthHooks = Partial<
  Pick<
    AuthStrategy,
    | 'setup'
    | 'beforeBrowserInitialized'
    | 'afterBrowserInitialized'
    | 'onAuthenticationNeeded'
    | 'getAuthEventPayload'
    | 'afterAuthReady'
    | 'disconnect'
    | 'destroy'
    | 'logout'
    | 'unlinked'
    | 'isEphemeral'
    | 'isHeld'
  >
> & {
  /** False: this strategy does not want signals to be handled. */
  readonly handleSignals?: boolean;
};

export interface PairingOptions {
  /** International, digits only, such as `12025550108`. Empty: link by QR. */
  phoneNumber: string;
  /** Show a notification on the phone. Default: true. */
  showNotification?: boolean | undefined;
  /** How often a new code is made, in milliseconds. Default: 180000, as long as one is valid. */
  intervalMs?: number | undefined;
}

export interface ClientOptions {
  /** What becomes of the login. Default: `new NoAuth()`. */
  authStrategy?: AuthHooks | undefined;
  /** Puppeteer's options to launch a browser or, with `browserWSEndpoint` or `browserURL`, to connect to one. */
  puppeteer?: PuppeteerOptions | undefined;
  /**
   * How long WhatsApp Web may take to be reached, to boot, and to find out whether it is linked,
   * each, in milliseconds. Default: 0, which means 30000.
   */
  authTimeoutMs?: number | undefined;
  /** How often the QR is refreshed before giving up. Default: 0, for ever. */
  qrMaxRetries?: number | undefined;
  /** Take the session back when it was opened elsewhere. Default: false. */
  takeoverOnConflict?: boolean | undefined;
  /** How long to wait before that, in milliseconds. Default: 0. */
  takeoverTimeoutMs?: number | undefined;
  /** Default: the browser's own without its headless mark. False: the browser's own as it is. */
  userAgent?: string | false | undefined;
  /** The system shown on the phone's list of linked devices. Default: the real one. */
  deviceName?: string | undefined;
  /** The browser shown there: Chrome, Firefox, IE, Opera, Safari or Edge. Default: Chrome. */
  browserName?: string | undefined;
  /** Name and password for a proxy given by `--proxy-server` in `puppeteer.args`. */
  proxyAuthentication?: { username: string; password: string } | undefined;
  /** Switch the page's content security policy off. Default: false. */
  bypassCSP?: boolean | undefined;
  /** A function, or its source, to run in each new document before the page's own scripts. */
  evalOnNewDoc?: (() => unknown) | string | undefined;
  /** Link by a pairing code instead of a QR. */
  pairWithPhoneNumber?: PairingOptions | undefined;
  /**
   * Close the browser properly on SIGINT, SIGTERM and SIGHUP before the process ends; the signal
   * is raised again afterwards if nobody else listens for it. Default: true.
   */
  handleSignals?: boolean | undefined;
  /** Accepted for whatsapp-web.js's sake; does nothing here. */
  webVersion?: unknown;
  /** Accepted for whatsapp-web.js's sake; does nothing here. */
  webVersionCache?: unknown;
  /** Accepted for whatsapp-web.js's sake; does nothing here. */
  ffmpegPath?: unknown;
}

export interface ResolvedOptions {
  puppeteer: PuppeteerOptions;
  authTimeoutMs: number;
  qrMaxRetries: number;
  takeoverOnConflict: boolean;
  takeoverTimeoutMs: number;
  userAgent: string | false | undefined;
  deviceName: string | undefined;
  browserName: string | undefined;
  proxyAuthentication: { username: string; password: string } | undefined;
  bypassCSP: boolean;
  evalOnNewDoc: (() => unknown) | string | undefined;
  pairWithPhoneNumber: { phoneNumber: string; showNotification: boolean; intervalMs: number };
  handleSignals: boolean;
}

const DEFAULT_AUTH_TIMEOUT_MS = 30_000;
/** WhatsApp's codes are valid for about three minutes. */
export const PAIRING_CODE_MS = 180_000;
const WITHOUT_EFFECT = ['webVersion', 'webVersionCache', 'ffmpegPath'];

const CHECKS: Record<string, Check> = {
  authStrategy: [isObject[0], 'a strategy such as new LocalAuth()'],
  puppeteer: isObject,
  authTimeoutMs: isCount,
  qrMaxRetries: isCount,
  takeoverOnConflict: isBoolean,
  takeoverTimeoutMs: isCount,
  userAgent: [(value) => typeof value === 'string' || value === false, 'a string or false'],
  deviceName: isText,
  browserName: isText,
  proxyAuthentication: [hasTexts('username', 'password'), 'an object { username, password }'],
  bypassCSP: isBoolean,
  evalOnNewDoc: [
    (value) => typeof value === 'function' || typeof value === 'string',
    'a function or its source',
  ],
  pairWithPhoneNumber: [hasTexts('phoneNumber'), 'an object { phoneNumber: "12025550108" }'],
  handleSignals: isBoolean,
};
/** The rest is Puppeteer's to check; a text instead of a list would go to the browser letter by letter. */
const PUPPETEER_CHECKS: Record<string, Check> = {
  args: [
    (value) => Array.isArray(value) && value.every((arg) => typeof arg === 'string'),
    'a list of strings',
  ],
};
const PAIRING_CHECKS: Record<string, Check> = {
  phoneNumber: isText,
  showNotification: isBoolean,
  intervalMs: isCount,
};

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {HoldfastError} INVALID_OPTION, INVALID_PHONE_NUMBER
 */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  checkOptions('', options, CHECKS, WITHOUT_EFFECT);
  const args: unknown = options.puppeteer?.args;
  if (args !== undefined) checkOptions('puppeteer.', { args }, PUPPETEER_CHECKS);
  const pairing = options.pairWithPhoneNumber;
  if (pairing) checkOptions('pairWithPhoneNumber.', pairing, PAIRING_CHECKS);
  for (const name of WITHOUT_EFFECT) {
    if (options[name as keyof ClientOptions] !== undefined) {
      warn('OPTION_WITHOUT_EFFECT', `The option ${name} does nothing in Holdfast's Client.`);
    }
  }
  return {
    puppeteer: { headless: true, defaultViewport: null, ...options.puppeteer },
    authTimeoutMs: options.authTimeoutMs || DEFAULT_AUTH_TIMEOUT_MS,
    qrMaxRetries: options.qrMaxRetries ?? 0,
    takeoverOnConflict: options.takeoverOnConflict ?? false,
    takeoverTimeoutMs: options.takeoverTimeoutMs ?? 0,
    userAgent: options.userAgent,
    deviceName: options.deviceName,
    browserName: options.browserName,
    proxyAuthentication: options.proxyAuthentication,
    bypassCSP: options.bypassCSP ?? false,
    evalOnNewDoc: options.evalOnNewDoc,
    pairWithPhoneNumber: {
      phoneNumber: pairing?.phoneNumber ? digitsOf(pairing.phoneNumber) : '',
      showNotification: pairing?.showNotification ?? true,
      intervalMs: pairing?.intervalMs || PAIRING_CODE_MS,
    },
    handleSignals: options.handleSignals ?? true,
  };
}
