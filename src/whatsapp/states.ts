/** WhatsApp Web's connection states, as its page names them. */
export const WAState = {
  CONFLICT: 'CONFLICT',
  CONNECTED: 'CONNECTED',
  DEPRECATED_VERSION: 'DEPRECATED_VERSION',
  OPENING: 'OPENING',
  PAIRING: 'PAIRING',
  PROXYBLOCK: 'PROXYBLOCK',
  SMB_TOS_BLOCK: 'SMB_TOS_BLOCK',
  TIMEOUT: 'TIMEOUT',
  TOS_BLOCK: 'TOS_BLOCK',
  UNLAUNCHED: 'UNLAUNCHED',
  UNPAIRED: 'UNPAIRED',
  UNPAIRED_IDLE: 'UNPAIRED_IDLE',
} as const;
export type WAState = (typeof WAState)[keyof typeof WAState];

/** States in which the page has not found out yet whether it is linked. */
export function isUndecided(state: WAState): boolean {
  return state === 'OPENING' || state === 'UNLAUNCHED' || state === 'PAIRING';
}

export function isUnpaired(state: WAState): boolean {
  return state === 'UNPAIRED' || state === 'UNPAIRED_IDLE';
}

/** States that do not pass by themselves, and in which the page is of no use. */
export function isBlocked(state: WAState): boolean {
  return (
    state === 'PROXYBLOCK' ||
    state === 'TOS_BLOCK' ||
    state === 'SMB_TOS_BLOCK' ||
    state === 'DEPRECATED_VERSION'
  );
}
