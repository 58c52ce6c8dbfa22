import { inspect } from 'node:util';
import { MongoClient, MongoNetworkError, MongoServerError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { credentialsRemover } from '../../src/objects/mongo/credentials.js';
import { isUnknownReadConcern, mongoError } from '../../src/objects/mongo/mongo-errors.js';

const what = 'Cannot read a';
const asIs = (text: string) => text;
const explain = (error: unknown) => mongoError(what, error, asIs);
const answer = (errmsg: string, code: number, labels?: string[]) =>
  new MongoServerError({ ok: 0, errmsg, code, ...(labels && { errorLabels: labels }) });

describe('what MongoDB answers', () => {
  it.each([
    ['a full cluster of Atlas', 'you are over your space quota, using 513 MB of 512 MB', 8000],
    ['a full disk', 'No space left', 14031],
    ['a full disk by its code', 'Cannot write', 14031],
  ])('of %s is STORE_FULL', (_, message, code) => {
    const error = explain(answer(message, code));
    expect(error).toMatchObject({ code: 'STORE_FULL', transient: true });
    expect(error.message).toContain(message);
  });

  it.each([
    ['a wrong password', 'Authentication failed.', 18, /user or the password \(Auth/],
    ['a wrong password at Atlas', 'bad auth : authentication failed', 8000, /the password/],
    ['no login', 'command find requires authentication', 13, /the password/],
    ['no right', 'not authorized on bots to execute command', 13, /role readWrite/],
    [
      'no right at Atlas',
      'user is not allowed to do action [insert] on [bots.a]',
      8000,
      /readWrite/,
    ],
    ['a small limit', 'Request size is too large', 16, /documents this large/],
    ['anything else', 'unknown top level operator: $gtt', 2, /unknown top level operator: \$gtt/],
  ])('of %s is STORE_UNUSABLE, and says what to do', (_, message, code, words) => {
    const error = explain(answer(message, code));
    expect(error).toMatchObject({ code: 'STORE_UNUSABLE', transient: false });
    expect(error.message).toMatch(words);
  });

  it.each([
    ['no primary', answer('not primary', 10107)],
    ['a primary that steps down', answer('operation was interrupted', 11602)],
    ['a slow majority', answer('waiting for replication timed out', 64)],
    ['a slow answer', answer('operation exceeded time limit', 50)],
    ['Cosmos DB at its limit', answer('Request rate is large', 16500)],
    ['what may be repeated', answer('anything', 1, ['RetryableWriteError'])],
    ['a lost connection', new MongoNetworkError('connection 1 closed')],
    ['no such host', Object.assign(new Error('querySrv ENOTFOUND x'), { code: 'ENOTFOUND' })],
  ])('of %s is STORE_UNREACHABLE, and may pass', (_, cause) => {
    const error = explain(cause);
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', transient: true });
    expect(error.message).toContain(cause.message);
    expect(error.cause).toBe(cause);
  });

  it('of a certificate that is refused is nothing that passes', () => {
    const refused = Object.assign(new Error('self-signed'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' });
    const error = explain(new MongoNetworkError('self-signed', { cause: refused }));
    expect(error).toMatchObject({ code: 'STORE_UNUSABLE', transient: false });
  });

  it('of a read concern that it has not is known as that, and of one it cannot keep now is not', () => {
    const has = 'node needs to be a replica set member to use read concern';
    expect(isUnknownReadConcern(answer(has, 123))).toBe(true);
    const later = 'cannot satisfy linearizable read concern on non-primary node';
    expect(isUnknownReadConcern(answer(later, 10107))).toBe(false);
    expect(isUnknownReadConcern(answer('Read concern majority not available yet', 134))).toBe(
      false,
    );
  });
});

describe('a password', () => {
  it.each([
    'mongodb://user:pa55-secret@host/bots',
    'mongodb://user:pa55-secret%40%2F@host/bots',
    'mongodb://user:pa55-secret@pa55-secret@host/bots?appName=a@b',
    'mongodb://user:pa55-secret/and more@host:not-a-port/bots',
    'mongodb+srv://us er:pa55-secret@host/bots',
    'mongodb://host/bots?authMechanismProperties=AWS_SESSION_TOKEN:pa55-secret',
    'mongodb://host/bots?tls=true&tlsCertificateKeyFilePassword=pa55-secret&x=y',
  ])('in %s is in no text', (uri) => {
    const redact = credentialsRemover(uri);
    const decoded = decodeURIComponent(uri);
    const [, credentials = 'user:pa55-secret'] = /\/\/(.*)@/.exec(decoded) ?? [];
    for (const text of [`bad: ${uri} ...`, `bad: ${decoded}!`, credentials, `'${uri}'\nat it`]) {
      const error = mongoError(what, new Error(text), redact);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('pa55-secret');
    }
  });

  it('is in no error of a client that the user has made', () => {
    const uri = 'mongodb://user:pa55-secret@host:99999/bots';
    const error = mongoError(what, new Error(`Invalid ${uri}`), credentialsRemover('mongodb://h'));
    expect(inspect(error)).not.toContain('pa55-secret');
    expect(error.message).toContain('host:99999');
  });

  it('that the driver itself shows in its error is not shown', () => {
    const uri = 'mongodb://user:pa55@secret@host/bots';
    let thrown: unknown;
    try {
      new MongoClient(uri);
    } catch (error) {
      thrown = error;
    }
    expect(inspect(mongoError(what, thrown, credentialsRemover(uri)))).not.toContain('secret');
  });
});
