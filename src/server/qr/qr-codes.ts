/** The QR text of a session, wherever it is held; null when none is shown. */
export type QrCodes = (id: string) => Promise<string | null>;
