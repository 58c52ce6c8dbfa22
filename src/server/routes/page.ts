import { z } from 'zod';
import { ApiError } from '../api-error.js';
import type { PageFiles } from '../page-files.js';
import { type Route, route } from '../route.js';

export function pageRoutes(files: PageFiles): Route[] {
  return [
    route({
      method: 'get',
      path: '/',
      summary: 'The page for people.',
      access: 'anyone',
      answers: { 200: { description: 'The page.', contentType: 'text/html; charset=utf-8' } },
      handle: ({ request }) => files.answer('index.html', request) ?? notThere(),
    }),
    route({
      method: 'get',
      path: '/page/{path}',
      summary: 'A file of the page.',
      access: 'anyone',
      params: z.object({ path: z.string() }),
      answers: { 200: { description: 'The file.', contentType: '*/*' } },
      handle: ({ params, request }) => files.answer(params.path, request) ?? notThere(),
    }),
  ];
}

function notThere(): never {
  throw new ApiError(404, 'NOT_FOUND', 'There is no such file of the page.');
}
