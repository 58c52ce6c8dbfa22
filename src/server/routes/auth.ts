import type { Authenticator } from '../auth/authenticate.js';
import { type Route, route } from '../route.js';
import { loggedIn, login } from '../schemas/auth.js';
import type { Services } from '../services.js';

export function authRoutes({ cookies, settings }: Services, authenticator: Authenticator): Route[] {
  const isSecure = settings.publicUrl.startsWith('https:');
  return [
    route({
      method: 'post',
      path: '/auth/login',
      summary: 'Log a browser in: sets a cookie that is good for 12 hours.',
      access: 'anyone',
      body: login,
      answers: { 200: { description: 'Logged in.', schema: loggedIn } },
      handle: ({ body: { token }, address }) => {
        const role = authenticator.logIn(token, address);
        const headers = { 'Set-Cookie': cookies.create(role, isSecure) };
        return Response.json({ role }, { headers });
      },
    }),
    route({
      method: 'post',
      path: '/auth/logout',
      summary: 'Log this browser out.',
      access: 'anyone',
      answers: { 204: { description: 'Logged out.' } },
      handle: () =>
        new Response(null, { status: 204, headers: { 'Set-Cookie': cookies.clear(isSecure) } }),
    }),
    route({
      method: 'get',
      path: '/auth/me',
      summary: 'Which role the token or the login gives.',
      access: 'viewer',
      answers: { 200: { description: 'The role.', schema: loggedIn } },
      handle: ({ caller: { role } }) => Response.json({ role }),
    }),
  ];
}
