import { Signal } from '../signal.js';
import { learnTime } from './clock.js';

/** A request that was not answered as hoped; the message is for people. */
export class RequestError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number | null,
  ) {
    super(message);
  }
}

/** An answer said that this browser is not logged in any more. */
export const loginLost = new Signal<void>();

type Method = 'GET' | 'POST' | 'DELETE';

/** @throws {RequestError} */
export async function request<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const response = await send(method, path, body);
  learnTime(response);
  if (!response.ok) throw await errorOf(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** What a refused request says, or the best that can be said of it. */
export async function errorOf(response: Response): Promise<RequestError> {
  const { status } = response;
  if (status === 401) loginLost.emit();
  try {
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    return new RequestError(error.code, error.message, status);
  } catch {
    return new RequestError('UNEXPECTED', `Holdfast answered with the status ${status}.`, status);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function send(method: Method, path: string, body: unknown): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      headers: {
        accept: 'application/json',
        // The server takes no changes from a form of another page: those cannot send this.
        ...(method === 'GET' ? {} : { 'X-Holdfast': '1' }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new RequestError(
      'UNREACHABLE',
      'Holdfast could not be reached. Check the connection and try again.',
      null,
    );
  }
}
