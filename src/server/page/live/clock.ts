/** Less may be the time the answer took, and that `Date` knows no parts of a second. */
const WORTH_CORRECTING_MS = 3000;

let aheadMs = 0;

/** The server's time: a phone's clock may be minutes off, and a QR is valid for seconds. */
export function now(): number {
  return Date.now() + aheadMs;
}

export function learnTime(response: Response): void {
  const time = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(time)) return;
  const difference = time - Date.now();
  aheadMs = Math.abs(difference) > WORTH_CORRECTING_MS ? difference : 0;
}
