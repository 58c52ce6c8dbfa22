/** A WhatsApp id: a user (`c.us`, or `lid`), a group (`g.us`), the status list (`broadcast`). */
export class Wid {
  readonly user: string;
  readonly server: string;
  readonly _serialized: string;

  constructor(text: string) {
    const [user, server] = text.split('@');
    if (!user || !server) throw new Error(`wid error: invalid wid "${text}"`);
    this.user = user;
    this.server = server;
    this._serialized = text;
  }

  isUser(): boolean {
    return this.server === 'c.us' || this.server === 'lid';
  }

  isLid(): boolean {
    return this.server === 'lid';
  }

  isGroup(): boolean {
    return this.server === 'g.us';
  }

  isStatus(): boolean {
    return this._serialized === 'status@broadcast';
  }

  isBroadcast(): boolean {
    return this.server === 'broadcast';
  }

  isNewsletter(): boolean {
    return this.server === 'newsletter';
  }

  equals(other: Wid): boolean {
    return this._serialized === other._serialized;
  }

  toJid(): string {
    return this._serialized.replace('@c.us', '@s.whatsapp.net');
  }

  toString(): string {
    return this._serialized;
  }
}

export function createWid(id: string | Wid): Wid {
  return typeof id === 'string' ? new Wid(id) : id;
}

export interface MsgKeyParts {
  from: Wid;
  to: Wid;
  id: string;
  participant?: Wid | undefined;
  selfDir: 'in' | 'out';
}

/** The key of a message; the page exports the class itself as a module. */
export class MsgKey {
  readonly fromMe: boolean;
  readonly remote: Wid;
  readonly id: string;
  readonly participant?: Wid;
  readonly _serialized: string;

  constructor(parts: MsgKeyParts) {
    this.fromMe = parts.selfDir === 'out';
    this.remote = this.fromMe ? parts.to : parts.from;
    this.id = parts.id;
    const names: string[] = [String(this.fromMe), this.remote.toString(), this.id];
    if (parts.participant) {
      this.participant = parts.participant;
      names.push(parts.participant.toString());
    }
    this._serialized = names.join('_');
  }

  static async newId(): Promise<string> {
    const bytes = crypto.getRandomValues(new Uint8Array(9));
    return `3EB0${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`.toUpperCase();
  }

  toString(): string {
    return this._serialized;
  }
}
