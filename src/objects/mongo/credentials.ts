/** A text without what stands before `@` in the connection strings in it. */
export function withoutCredentials(text: string): string {
  // As much as possible: a password that ought to be escaped may itself have an @ in it.
  return text.replace(/(mongodb(?:\+srv)?:\/\/).*@/gi, '$1');
}

/** Removes also the secrets of this connection string where they stand by themselves. */
export function credentialsRemover(uri: string): (text: string) => string {
  const secrets = secretsIn(uri);
  return (text) => {
    const redacted = secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text);
    return withoutCredentials(redacted);
  };
}

/** As they are written and decoded; what holds another comes before it. */
function secretsIn(uri: string): string[] {
  const secrets: string[] = [];
  const begin = uri.indexOf('://') + 3;
  const colon = uri.indexOf(':', begin);
  // Which @ ends the password is not sure when it has one that is not escaped.
  for (const { index } of uri.matchAll(/@/g)) {
    if (colon !== -1 && colon < index)
      secrets.push(uri.slice(begin, index), uri.slice(colon + 1, index));
  }
  for (const [, value] of uri.matchAll(/(?:password|session_token)[=:]([^&,]+)/gi)) {
    secrets.push(value ?? '');
  }
  return [...new Set(secrets.flatMap((secret) => [secret, decoded(secret)]))]
    .filter((secret) => secret !== '')
    .sort((one, other) => other.length - one.length);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
