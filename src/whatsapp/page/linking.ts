import type { Emitter, PageModules, Report } from './page-types.js';

/** Linking by QR and by pairing code. */
export function pageLinking(modules: PageModules, report: Report) {
  type KeyPair = { pubKey: unknown };
  type Conn = Emitter & { ref?: string };
  let mode: 'none' | 'qr' | 'code' = 'none';
  let listening = false;
  let lastQr = '';

  /** Part of the page's start: its keys may come a moment later than the page. */
  const untilThere = async <T>(read: () => Promise<T | null | undefined>, path: string) => {
    for (let tries = 0; tries < 50; tries++) {
      const value = await read();
      if (value !== null && value !== undefined) return value;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`PAGE_CHANGED:${path}`);
  };

  const advSecret = async (): Promise<string> => {
    // The page has moved this once already (March 2026).
    const homes = ['WAWebUserPrefsMultiDevice', 'WAWebAdvSignatureApi'];
    for (const home of homes) {
      const module = modules.find<{ getADVSecretKey?(): unknown }>(home);
      if (module?.getADVSecretKey) return (await module.getADVSecretKey()) as string;
    }
    throw new Error(`PAGE_CHANGED:${homes[0]}.getADVSecretKey`);
  };

  /** The text of a QR after its ref: who this device is. */
  const deviceParts = async (): Promise<string> => {
    const noiseInfo = modules.need<{ get(): Promise<{ staticKeyPair: KeyPair } | undefined> }>(
      'WAWebUserPrefsInfoStore.waNoiseInfo',
    );
    const store = modules.need<{
      getRegistrationInfo(): Promise<{ identityKeyPair: KeyPair } | undefined>;
    }>('WAWebSignalStoreApi.waSignalStore');
    modules.need('WABase64.encodeB64');
    const base64 = modules.need<{ encodeB64(bytes: unknown): string }>('WABase64');
    const noise = await untilThere(
      async () => (await noiseInfo.get())?.staticKeyPair,
      'WAWebUserPrefsInfoStore.waNoiseInfo.get',
    );
    const identity = await untilThere(
      async () => (await store.getRegistrationInfo())?.identityKeyPair,
      'WAWebSignalStoreApi.waSignalStore.getRegistrationInfo',
    );
    return [
      base64.encodeB64(noise.pubKey),
      base64.encodeB64(identity.pubKey),
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
    modules.need('WAWebCmd.Cmd.refreshQR');
    modules.need<{ refreshQR(): void }>('WAWebCmd.Cmd').refreshQR();
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
    modules.need('WAWebAltDeviceLinkingApi.startAltLinkingFlow');
    const api = modules.need<{
      setPairingType(type: string): unknown;
      initializeAltDeviceLinking(): Promise<unknown>;
      startAltLinkingFlow(phoneNumber: string, showNotification: boolean): Promise<string>;
    }>('WAWebAltDeviceLinkingApi');
    mode = 'code';
    await api.setPairingType('ALT_DEVICE_LINKING');
    await api.initializeAltDeviceLinking();
    return api.startAltLinkingFlow(phoneNumber, showNotification);
  };

  const backToQr = async () => {
    modules.need('WAWebLaunchSocketUtils.refreshQR');
    modules.need('WAWebAltDeviceLinkingApi.initializeQRLinking');
    // The ref that is there is from before the pairing code, and has run out.
    await listenForRefs();
    modules.need<{ refreshQR(): unknown }>('WAWebLaunchSocketUtils').refreshQR();
    await modules
      .need<{ initializeQRLinking(): Promise<unknown> }>('WAWebAltDeviceLinkingApi')
      .initializeQRLinking();
  };

  /** Refs run out after some minutes; the page then waits to be asked for new ones. */
  const onState = (state: string) => {
    if (state === 'UNPAIRED_IDLE' && mode === 'qr') refreshQr();
    if (state === 'CONNECTED') mode = 'none';
  };

  return { onState, showQr, requestCode, backToQr };
}
