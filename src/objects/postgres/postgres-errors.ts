import { HoldfastError } from '../../errors.js';
import { isTlsRefusal, wordsOf } from '../network-words.js';

/** Of an error that a server sent; null for one of the network or the client. */
export function sqlStateOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in (error as object)
    ? code
    : null;
}

/**
 * What may pass by itself.
 *
 * 08 connection, 53200 memory, 53300 connections, 40 rollback to be repeated, 55P03 lock, 57014
 * a time limit of the server, 57P01 to 57P03 shutdown and start, 57P05 idle, 25P03 and 25P04 time
 * limits of transactions, 25006 a primary that has become a standby, 58000 and 58030 the disk.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const TRANSIENT = /^(08...|53200|53300|40...|55P03|57014|57P0[1235]|25P0[34]|25006|580[03]0)$/;

/** PgBouncer before 1.20 has one state, 08P01, for everything. */
const REFUSED_BY_POOLER = /password|authentication|no such (user|database)|not allowed/i;

/** For people and programs; the words of the server, but no part of a connection string. */
export function postgresError(doing: string, schema: string, error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const state = sqlStateOf(error);
  const words = wordsOf(error);
  const what = (said: string) => `PostgreSQL could not ${doing}: ${words}${said}`;
  if (state === '53100') return new HoldfastError('STORE_FULL', what(''), { cause: error });
  if (state === null ? isOfNetwork(error, words) : isTransient(state, words)) {
    return new HoldfastError('STORE_UNREACHABLE', what(''), { cause: error, transient: true });
  }
  if ((error as NodeJS.ErrnoException).code === 'ERR_INVALID_URL') {
    // Its cause has the whole text, with the password.
    return new HoldfastError(
      'STORE_UNUSABLE',
      `PostgreSQL could not ${doing}: the connectionString is not a URL. Characters such as # and / ` +
        'in a password must be percent-encoded.',
    );
  }
  return new HoldfastError('STORE_UNUSABLE', what(adviceFor(state, schema)), { cause: error });
}

function isTransient(state: string, words: string): boolean {
  return TRANSIENT.test(state) && !(state === '08P01' && REFUSED_BY_POOLER.test(words));
}

function isOfNetwork(error: unknown, words: string): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (isTlsRefusal(error)) return false;
  if (syscall !== undefined || error instanceof AggregateError) return true;
  if (code !== undefined && /^E[A-Z_]+$/.test(code) && !code.startsWith('ERR_')) return true;
  return OF_CLIENT.test(words);
}

/** What `pg` says of its connections. */
const OF_CLIENT =
  /connection (terminated|error|timeout)|timeout e(xceeded|xpired)|read timeout|not queryable|socket/i;

function adviceFor(state: string | null, schema: string): string {
  if (state === '28P01' || state === '28000') return '. Check the user and the password.';
  if (state === '3D000') return '. Create it, or name another one.';
  if (state === '42501') {
    return (
      `. To let Holdfast make its tables: GRANT CREATE ON DATABASE your_database TO your_role. Or ` +
      `make the schema as an administrator: CREATE SCHEMA "${schema}" AUTHORIZATION your_role. If ` +
      `the tables are there: GRANT USAGE ON SCHEMA "${schema}" TO your_role, and GRANT SELECT, ` +
      `INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${schema}" TO your_role.`
    );
  }
  if (state === '42P01' || state === '3F000') {
    return '. The tables have gone while they were in use; start again to make new ones.';
  }
  return '';
}
