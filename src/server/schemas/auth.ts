import { z } from 'zod';
import { named } from './named.js';

export const login = named('Login', z.strictObject({ token: z.string().min(1).max(1000) }));
export const loggedIn = named('LoggedIn', z.object({ role: z.enum(['admin', 'viewer']) }));
export const errorBody = named(
  'Error',
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
);
export const status = named('Status', z.object({ status: z.enum(['ok', 'unavailable']) }));
