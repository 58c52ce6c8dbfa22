import type { Emitter, PageModules, Report } from './page-types.js';

/** Linking by QR and by pairing code. */
export function pageLinking(modules: PageModules, report: Report) {
  type KeyPair = { pubKey: unknown };
  type Conn = Emitter & { ref?: string };
  let mode: 'none' | 'qr' | 'code' = 'none';
  let listening = false;
  let lastQr = '';

  /** A key of this device's; the page may have it only a moment after it has booted. */
  const keyPair = async (path: string, member: string): Promise<KeyPair> => {
    for (let tries = 0; tries < 50; tries++) {
      const info = await modules.call<Promise<Record<string, KeyPair> | undefined>>(path);
      const pair = info?.[member];
      if (pair) return pair;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`PAGE_CHANGED:${path}`);
  };

  const advSecret = async (): Promise<string> => {
    // The page has moved this once already (March 2026).
    const homes = ['WAWebUserPrefsMultiDevice', 'WAWebAdvSignatureApi'];
    for (const home of homes) {
      const path = `${home}.getADVSecretKey`;
      if (modules.find(path)) return await modules.call<Promise<string>>(path);
    }
    throw new Error(`PAGE_CHANGED:${homes[0]}.getADVSecretKey`);
  };

  /** The text of a QR after its ref: who this device is. */
  const deviceParts = async (): Promise<string> => {
    const noise = await keyPair('WAWebUserPrefsInfoStore.waNoiseInfo.get', 'staticKeyPair');
    const registration = 'WAWebSignalStoreApi.waSignalStore.getRegistrationInfo';
    const identity = await keyPair(registration, 'identityKeyPair');
    return [
      modules.call('WABase64.encodeB64', noise.pubKey),
      modules.call('WABase64.encodeB64', identity.pubKey),
      await advSecret(),
      modules.need('WAWebCompanionRegClientUtils.DEVICE_PLATFORM'),
    ].join(',');
  };

  const reportQr = async (ref: string | undefined) => {
    if (!ref || mode !== 'qr') return;
    const qr = `${ref},${await deviceParts()}`;
    if (mode !== 'qr' || qr === lastQr) return;
    lastQr = qr;
    report({ type: 'qr', qr });
  };

  const refreshQr = () => {
    modules.call('WAWebCmd.Cmd.refreshQR');
  };

  /** From now on each new ref is reported. */
  const listenForRefs = async () => {
    const conn = modules.need<Conn>('WAWebConnModel.Conn');
    // Known to be there before the first ref comes, so that a missing part is an error at once.
    await deviceParts();
    mode = 'qr';
    lastQr = '';
    if (listening) return conn;
    listening = true;
    conn.on('change:ref', (_conn: unknown, ref: string) => {
      reportQr(ref ?? conn.ref).catch((error: Error) => {
        report({ type: 'unusable', reason: error.message });
      });
    });
    return conn;
  };

  const showQr = async () => {
    const conn = await listenForRefs();
    // In this state the ref that is there has run out; a new one follows.
    if (modules.socket().state === 'UNPAIRED_IDLE') refreshQr();
    else await reportQr(conn.ref);
  };

  const requestCode = async (phoneNumber: string, showNotification: boolean): Promise<string> => {
    const api = 'WAWebAltDeviceLinkingApi';
    modules.need(`${api}.startAltLinkingFlow`);
    mode = 'code';
    await modules.call(`${api}.setPairingType`, 'ALT_DEVICE_LINKING');
    await modules.call(`${api}.initializeAltDeviceLinking`);
    return modules.call(`${api}.startAltLinkingFlow`, phoneNumber, showNotification);
  };

  const backToQr = async () => {
    const initialize = 'WAWebAltDeviceLinkingApi.initializeQRLinking';
    modules.need(initialize);
    // The ref that is there is from before the pairing code, and has run out.
    await listenForRefs();
    modules.call('WAWebLaunchSocketUtils.refreshQR');
    await modules.call(initialize);
  };

  /** Refs run out after some minutes; the page then waits to be asked for new ones. */
  const onState = (state: string) => {
    if (state === 'UNPAIRED_IDLE' && mode === 'qr') refreshQr();
    if (state === 'CONNECTED') mode = 'none';
  };

  return { onState, showQr, requestCode, backToQr };
}
