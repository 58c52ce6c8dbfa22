import { z } from 'zod';
import { named } from './named.js';

const time = z.string().describe('ISO 8601, UTC');

export const qr = named(
  'Qr',
  z.object({ qr: z.string(), serial: z.int().min(0), validUntil: time }),
);

/** `serial` is for pages: another one is another address. */
export const qrQuery = z.object({ serial: z.string().max(20).optional() });

export const phone = named(
  'Phone',
  z.strictObject({
    phone: z.string().min(1).max(40).describe('with country code, as 12025550108'),
  }),
);

export const pairingCode = named('PairingCode', z.object({ code: z.string(), validUntil: time }));

export const linkRequest = named(
  'LinkRequest',
  z.strictObject({
    validMinutes: z
      .int()
      .min(1)
      .max(7 * 24 * 60)
      .optional()
      .describe('default: 60'),
  }),
);

export const customerLink = named('CustomerLink', z.object({ url: z.string(), expiresAt: time }));

export const newMessage = named(
  'NewMessage',
  z.strictObject({
    to: z.string().min(1).max(80).describe('12025550108, or a chat’s id …@c.us or …@g.us'),
    text: z.string().min(1).max(60_000),
  }),
);

export const sentMessage = named(
  'SentMessage',
  z.object({ id: z.string(), to: z.string(), timestamp: z.number().describe('in seconds') }),
);
