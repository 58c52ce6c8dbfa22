/**
 * What a running browser holds in memory and brings to disk late: localStorage up to a minute,
 * cookies half a minute.
 */
export interface LiveValues {
  localStorage: StorageArea[];
  /** As the DevTools protocol gives and takes them (`Storage.getCookies`, `Storage.setCookies`). */
  cookies: LiveCookie[];
}

/** The localStorage of one origin: all of it, so that what is not in it is not there. */
export interface StorageArea {
  /** Such as `https://web.whatsapp.com`. */
  origin: string;
  /** In the order of the keys' UTF-16 code units. */
  items: [key: string, value: string][];
}

export type LiveCookie = Record<string, unknown>;

/** A live page, as far as a capture needs one. */
export interface LivePage {
  /** Reads everything at once; rejects when the page is gone or cannot say. */
  readLiveValues(): Promise<LiveValues>;
}
