const DEFAULT_STORE = 'file:./sessions';

/** The URL that was given, else that of HOLDFAST_STORE, else `file:./sessions`. */
export function storeUrl(given: string | undefined): string {
  return given ?? process.env.HOLDFAST_STORE ?? DEFAULT_STORE;
}
