export interface ServerEvent {
  name: string;
  data: unknown;
}

/**
 * Takes a stream of server-sent events in pieces, as they come.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export class EventParser {
  #rest = '';
  #name = '';
  #data: string[] = [];

  parse(piece: string): ServerEvent[] {
    const lines = (this.#rest + piece).split(/\r?\n/);
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.#takeLine(line) ?? []);
  }

  #takeLine(line: string): ServerEvent | null {
    if (line === '') return this.#complete();
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (field === 'event') this.#name = value;
    if (field === 'data') this.#data.push(value);
    return null;
  }

  #complete(): ServerEvent | null {
    const [name, text] = [this.#name, this.#data.join('\n')];
    this.#name = '';
    this.#data = [];
    return text === '' ? null : { name: name || 'message', data: JSON.parse(text) };
  }
}
