/** A server cannot be had on this machine; the message is the reason, on one line. */
export class Unavailable extends Error {}
