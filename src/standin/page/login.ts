import type { Account, Pair } from '../wire.js';
import { type Bytes, decodeB64, encodeB64, utf8 } from './bytes.js';
import { committed, type Databases, emptyDatabases, result } from './databases.js';

const SIGNING = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' };

export interface SigningKey {
  pubKey: Bytes;
  privKey: CryptoKey;
}

/** A device's own keys, and whom it is linked to. */
export interface Login {
  noise: SigningKey;
  identity: SigningKey;
  /** User and device number once linked, e.g. `12025550108:3@c.us`. */
  wid: string | null;
  account: Account | null;
}

/** Thrown when a login is there but does not open. */
export class LoginDamaged extends Error {
  constructor(
    readonly wid: string,
    damage: string,
  ) {
    super(damage);
  }
}

/** The login kept in this profile, or new keys if there is none. Throws {@link LoginDamaged}. */
export async function loadLogin(databases: Databases): Promise<Login> {
  const sealed = localStorage.getItem('WANoiseInfo');
  const iv = localStorage.getItem('WANoiseInfoIv');
  const lastWid = localStorage.getItem('last-wid-md');
  if (sealed === null || iv === null || lastWid === null) return startOver(databases);
  const wid: string = JSON.parse(lastWid);
  const [sealingKey, identity, account] = await Promise.all([
    read<CryptoKey>(databases.wawc_db_enc, 'keys', 'sealing'),
    read<SigningKey>(databases['signal-storage'], 'identity', 'device'),
    read<Account>(databases.wawc, 'user', 'me'),
  ]);
  if (!sealingKey) throw new LoginDamaged(wid, 'the sealing key is missing');
  if (!identity) throw new LoginDamaged(wid, 'the identity key is missing');
  const noise = await unseal(sealed, iv, sealingKey).catch(() => {
    throw new LoginDamaged(wid, 'WANoiseInfo does not open with the sealing key');
  });
  return { noise, identity, wid, account: account ?? null };
}

/** Forgets everything and makes new keys. */
export async function startOver(databases: Databases): Promise<Login> {
  localStorage.clear();
  await emptyDatabases(databases);
  const [noise, identity, sealingKey] = await Promise.all([
    crypto.subtle.generateKey(SIGNING, true, ['sign', 'verify']),
    crypto.subtle.generateKey(SIGNING, false, ['sign', 'verify']),
    crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']),
  ]);
  const identityKey = { pubKey: await rawPublicKey(identity), privKey: identity.privateKey };
  await write(databases.wawc_db_enc, 'keys', 'sealing', sealingKey);
  await write(databases['signal-storage'], 'identity', 'device', identityKey);
  const pubKey = await rawPublicKey(noise);
  const privKey = await seal({ pubKey, privKey: noise.privateKey }, sealingKey);
  localStorage.setItem('WALangPref', JSON.stringify('en'));
  localStorage.setItem('system-theme-mode', JSON.stringify(true));
  return { noise: { pubKey, privKey }, identity: identityKey, wid: null, account: null };
}

/** Keeps the login a phone has just granted. The last thing written is what makes it a login. */
export async function keepLogin(databases: Databases, login: Login, pair: Pair): Promise<void> {
  await write(databases['signal-storage'], 'ratchet', 'device', { index: 0, chain: pair.chain });
  await write(databases.wawc, 'user', 'me', pair.account);
  localStorage.setItem('last-wid-md', JSON.stringify(pair.wid));
  login.wid = pair.wid;
  login.account = pair.account;
}

export async function sign(key: SigningKey, text: string): Promise<string> {
  return encodeB64(await crypto.subtle.sign(SIGNATURE, key.privKey, utf8(text)));
}

async function seal(key: SigningKey, sealingKey: CryptoKey): Promise<CryptoKey> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', key.privKey);
  const plain = JSON.stringify({ pubKey: encodeB64(key.pubKey), privKey: encodeB64(pkcs8) });
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, sealingKey, utf8(plain));
  localStorage.setItem('WANoiseInfo', encodeB64(sealed));
  localStorage.setItem('WANoiseInfoIv', encodeB64(iv));
  return crypto.subtle.importKey('pkcs8', pkcs8, SIGNING, false, ['sign']);
}

async function unseal(sealed: string, iv: string, sealingKey: CryptoKey): Promise<SigningKey> {
  const algorithm = { name: 'AES-GCM', iv: decodeB64(iv) };
  const plain = await crypto.subtle.decrypt(algorithm, sealingKey, decodeB64(sealed));
  const { pubKey, privKey } = JSON.parse(new TextDecoder().decode(plain));
  return {
    pubKey: decodeB64(pubKey),
    privKey: await crypto.subtle.importKey('pkcs8', decodeB64(privKey), SIGNING, false, ['sign']),
  };
}

async function rawPublicKey(pair: CryptoKeyPair): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
}

function read<T>(database: IDBDatabase, store: string, key: string): Promise<T | undefined> {
  return result(database.transaction(store).objectStore(store).get(key));
}

async function write(database: IDBDatabase, store: string, key: string, value: unknown) {
  const transaction = database.transaction(store, 'readwrite');
  transaction.objectStore(store).put(value, key);
  await committed(transaction);
}
