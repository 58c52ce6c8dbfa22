/** Fields whose values are for nobody's log, whatever they hold. */
const SECRET_FIELD =
  /^(qr|body|text|caption|authorization|cookie)$|token|secret|password|passphrase|pairing|encryptionkey/i;
/** A code in an entry is an error's; a pairing code, which has no underscore, is not for the log. */
const ERROR_CODE = /^(UNEXPECTED|[A-Z]+(_[A-Z0-9]+)+)$/;
/** What an operator looks for, a session's id as he has chosen it. */
const NAME_FIELD = /^(session|worker|webhook|delivery)$/;
const HIDDEN = '[hidden]';
const MOST_DEPTH = 4;

// Of each the order matters: what comes first may hold what comes later.
const REPLACEMENTS: [RegExp, string][] = [
  // A QR's text: a reference and three keys.
  [/\b\d@[\w+/=,@-]{20,}/g, HIDDEN],
  [/\b(Bearer|Basic) +\S+/gi, `$1 ${HIDDEN}`],
  [/:\/\/[^\s/@]+@/g, `://${HIDDEN}@`],
  [/([?&][\w-]*(?:token|key|secret|password|signature)[\w-]*=)[^&\s]+/gi, `$1${HIDDEN}`],
  // Tokens, keys and hashes of them: nothing else in a log is so long without a break.
  [/(?<![-\w])(?=[-\w+]*\d)[-\w+]{40,}=*(?![-\w])/g, HIDDEN],
  // WhatsApp's pairing codes, of these letters and digits.
  [/(?<![-\w])[1-9A-HJ-NP-TV-Z]{4}-?[1-9A-HJ-NP-TV-Z]{4}(?![-\w])/g, HIDDEN],
  // Phone numbers as people write them, and as WhatsApp does.
  [/\+\d[\d ().-]{5,}(\d{3})(?!\d)/g, '…$1'],
  [/(?<![A-Za-z\d.])\d{4,}(\d{3})(?![A-Za-z\d])(?! ?(bytes|B|kB|MB|ms|s)\b)/g, '…$1'],
];

/**
 * What may be written of an entry: no QR, pairing code, token or message's text, and of phone numbers
 * the last three digits.
 */
export function redact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactObject(fields, MOST_DEPTH);
}

export function redactText(text: string): string {
  return REPLACEMENTS.reduce((left, [what, by]) => left.replace(what, by), text);
}

function redactObject(
  fields: Readonly<Record<string, unknown>>,
  depth: number,
): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    redactField(name, value, depth),
  ]);
  return Object.fromEntries(entries);
}

function redactField(name: string, value: unknown, depth: number): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value;
  if (SECRET_FIELD.test(name)) return HIDDEN;
  if (NAME_FIELD.test(name) && typeof value === 'string') return value;
  if (name === 'code') return typeof value === 'string' && ERROR_CODE.test(value) ? value : HIDDEN;
  if (/phone/i.test(name)) return redactText(`+${String(value).replace(/^\+/, '')}`);
  return redactValue(value, depth);
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return HIDDEN;
  if (value instanceof Error) {
    const { code } = value as Error & { code?: unknown };
    return redactObject({ code, message: value.message }, depth - 1);
  }
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth - 1));
  if (value instanceof Uint8Array) return HIDDEN;
  return redactObject(value as Record<string, unknown>, depth - 1);
}
