import { HoldfastError } from '../../errors.js';
import { isTlsRefusal, wordsOf } from '../network-words.js';

/**
 * The first word of an error that a server has answered, such as `OOM`; null for one of the network
 * or the client. Before version 7, that of a command in a script is inside of another:
 * `ERR Error running script (call to f_…): @user_script:1: @user_script: 1: -OOM command …`
 */
export function replyCodeOf(error: unknown): string | null {
  const message = error instanceof Error ? error.message : '';
  const inner = /@user_script: ?\d+: -([A-Z]{2,})\b(?!.*@user_script: ?\d+: -[A-Z])/.exec(message);
  return inner?.[1] ?? /^([A-Z]{2,}) /.exec(message)?.[1] ?? null;
}

export function isReply(error: unknown): boolean {
  return replyCodeOf(error) !== null;
}

/** What passes by itself: a start, a failover, a cluster that moves its keys, a busy server. */
const TRANSIENT = new Set([
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'NOREPLICAS',
  'READONLY',
  'TRYAGAIN',
]);

/** For people and programs; the words of the server, but no part of a URL. */
export function redisError(doing: string, prefix: string, error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const code = replyCodeOf(error);
  const words = wordsOf(error);
  const what = `Redis could not ${doing}: ${words}`;
  const cause = withoutCommand(error, words);
  if (code === 'OOM' || (code === 'MISCONF' && /no space left/i.test(words))) {
    return new HoldfastError('STORE_FULL', what, { cause });
  }
  const mayPass =
    code === null
      ? !isTlsRefusal(error)
      : TRANSIENT.has(code) || /max number of clients/.test(words);
  if (mayPass) return new HoldfastError('STORE_UNREACHABLE', what, { cause, transient: true });
  return new HoldfastError('STORE_UNUSABLE', `${what}${adviceFor(code, prefix)}`, { cause });
}

/**
 * The libraries hang what they were asked onto their errors: a password, or a session, which would
 * be printed with it.
 */
function withoutCommand(error: unknown, words: string): Error {
  const { name, stack } = error instanceof Error ? error : new Error(words);
  return Object.assign(new Error(words), { name, stack });
}

function adviceFor(code: string | null, prefix: string): string {
  switch (code) {
    case 'NOAUTH':
    case 'WRONGPASS':
      return ' Check the user and the password, as in redis://user:password@host:6379.';
    case 'NOPERM':
      return (
        ` Let the user do what the store does: ACL SETUSER your_user ~${prefix}* +eval +evalsha ` +
        '+get +set +del +exists +getrange +hget +hset +hdel +hmget +zadd +zrem +zrangebylex'
      );
    case 'MOVED':
      return ' This is a Redis Cluster: give the store the client of a cluster.';
    case 'CROSSSLOT':
      return ' In a Redis Cluster the prefix needs a part in braces, such as {holdfast}:';
    default:
      return '';
  }
}
