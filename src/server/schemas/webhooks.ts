import { z } from 'zod';
import { WEBHOOK_EVENTS } from '../webhooks/webhook.js';
import { named } from './named.js';

const time = z.string().describe('ISO 8601, UTC');

const event = z.enum(WEBHOOK_EVENTS);

const hook = { id: z.string(), url: z.string(), events: z.array(event), createdAt: time };

export const webhook = z.object(hook);

export const newWebhook = named(
  'NewWebhook',
  z.strictObject({
    url: z.string().min(1).max(2000),
    events: z
      .array(event)
      .min(1)
      .max(WEBHOOK_EVENTS.length)
      .optional()
      .describe('default: session.state and session.alert'),
  }),
);

export const createdWebhook = named(
  'CreatedWebhook',
  z.object({ ...hook, secret: z.string().describe('told this once only') }),
);

export const webhookList = named('WebhookList', z.object({ webhooks: z.array(webhook) }));
export const ofWebhook = z.object({ id: z.string().max(100) });

export const delivery = z.object({
  id: z.string(),
  event: z.string(),
  at: time,
  attempts: z.array(
    z.object({
      at: time,
      status: z.int().nullable(),
      error: z.string().nullable(),
      durationMs: z.number().min(0),
    }),
  ),
  state: z.enum(['delivered', 'pending', 'failed']),
});

export const deliveryList = named('DeliveryList', z.object({ deliveries: z.array(delivery) }));
