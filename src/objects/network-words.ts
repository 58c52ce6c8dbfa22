/**
 * What an error of a connection says. One that tried several addresses says nothing itself; its
 * parts do.
 */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  if (error instanceof AggregateError) return error.errors.map(wordsOf).join('; ');
  return (error as NodeJS.ErrnoException).code ?? error.name;
}

/** Of OpenSSL and node, for a certificate that is refused: trying again changes nothing. */
const REFUSED =
  /^ERR_(TLS|SSL|OSSL)|^(CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/;

/** Whether the server was reached, but no encrypted connection could be agreed on. */
export function isTlsRefusal(error: unknown): boolean {
  return REFUSED.test(String((error as NodeJS.ErrnoException | null)?.code ?? ''));
}
