/** How long a QR can be scanned, in milliseconds: the first of a page lives longer than the next. */
export function qrLifetimeMs(isFirst: boolean): number {
  return isFirst ? 60_000 : 20_000;
}
