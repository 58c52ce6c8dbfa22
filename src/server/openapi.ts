import { z } from 'zod';
import type { AnswerSpec, Route } from './route.js';
import { errorBody } from './schemas/auth.js';
import { components } from './schemas/named.js';

type Json = Record<string, unknown>;

const SECURITY: Record<Route['access'], Json[]> = {
  anyone: [],
  viewer: [{ token: [] }, { login: [] }],
  admin: [{ token: [] }, { login: [] }],
  worker: [{ worker: [] }],
};

const WHO: Record<Route['access'], string> = {
  anyone: 'No token is needed.',
  viewer: 'For viewers and admins.',
  admin: 'For admins.',
  worker: 'For other workers of the fleet.',
};

/** The OpenAPI 3.1 document of these routes. */
export function openApi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Holdfast', version, description: 'The HTTP API of `holdfast serve`.' },
    paths,
    components: {
      schemas: namedSchemas(),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: "An admin's or a viewer's token." },
        login: {
          type: 'apiKey',
          in: 'cookie',
          name: 'holdfast',
          description: 'Of POST /auth/login. What changes something needs `X-Holdfast: 1` besides.',
        },
        worker: { type: 'apiKey', in: 'header', name: 'X-Holdfast-Worker' },
      },
    },
  };
}

function operationOf(route: Route): Json {
  const { summary, access, answers, body, params, query } = route;
  const parameters = [...parametersOf(params, 'path'), ...parametersOf(query, 'query')];
  const description = route.atHolder
    ? `${WHO[access]} Answered by the worker that holds the session.`
    : WHO[access];
  return {
    summary,
    description,
    security: SECURITY[access],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: isRequired(body), content: jsonOf(body) } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, spec]) => [status, said(spec)])),
      default: { description: 'What was wrong.', content: jsonOf(errorBody) },
    },
  };
}

function isRequired(body: z.ZodType): boolean {
  return !body.safeParse({}).success;
}

function said({ description, schema, contentType }: AnswerSpec): Json {
  const content = schema
    ? jsonOf(schema)
    : contentType && { [contentType.replace(/;.*/, '')]: { schema: {} } };
  return { description, ...(content && { content }) };
}

function jsonOf(schema: z.ZodType): Json {
  const name = components.get(schema)?.id;
  const inDocument = name === undefined ? inline(schema) : { $ref: referenceTo(name) };
  return { 'application/json': { schema: inDocument } };
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = inline(schema) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { ...property }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function inline(schema: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input' });
  return json;
}

function namedSchemas(): Json {
  const { schemas } = z.toJSONSchema(components, { uri: referenceTo, io: 'output' });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema]),
  );
}

function referenceTo(name: string): string {
  return `#/components/schemas/${name}`;
}
