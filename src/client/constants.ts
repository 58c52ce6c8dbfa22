/** The names of the client's events, for those who prefer constants; as in whatsapp-web.js. */
export const Events = {
  QR_RECEIVED: 'qr',
  CODE_RECEIVED: 'code',
  AUTHENTICATED: 'authenticated',
  AUTHENTICATION_FAILURE: 'auth_failure',
  READY: 'ready',
  DISCONNECTED: 'disconnected',
  STATE_CHANGED: 'change_state',
  LOADING_SCREEN: 'loading_screen',
  MESSAGE_RECEIVED: 'message',
  MESSAGE_CREATE: 'message_create',
  MESSAGE_ACK: 'message_ack',
  MESSAGE_CIPHERTEXT: 'message_ciphertext',
  MESSAGE_CIPHERTEXT_FAILED: 'message_ciphertext_failed',
  REMOTE_SESSION_SAVED: 'remote_session_saved',
  SESSION_SAVED: 'session_saved',
  SESSION_SAVE_FAILED: 'session_save_failed',
  SESSION_RESTORED: 'session_restored',
  SESSION_ADOPTED: 'session_adopted',
  LEASE_WAITING: 'lease_waiting',
  LEASE_LOST: 'lease_lost',
} as const;

/** How far a message has come. */
export const MessageAck = {
  ACK_ERROR: -1,
  ACK_PENDING: 0,
  ACK_SERVER: 1,
  ACK_DEVICE: 2,
  ACK_READ: 3,
  ACK_PLAYED: 4,
} as const;
export type MessageAck = (typeof MessageAck)[keyof typeof MessageAck];
