import type { Happening, WorkerView } from '../../../fleet/session-view.js';
import { element, setText } from '../element.js';
import { icon } from '../icon.js';
import { placeInOrder } from '../place-in-order.js';
import { StateBadge } from '../state-badge.js';
import { formatBytes, formatCount } from '../words/sizes.js';
import { formatShortTime } from '../words/times.js';
import { describeEvent, describeSave, type Save } from './happening-words.js';
import { keyOf } from './history.js';

const SHOWN_FIRST = 30;

/** What stands at one place of the timeline: one happening, or saves in a row. */
type Entry = { key: string; happening: Exclude<Happening, Save> } | { key: string; saves: Save[] };

/** What has happened to the session, newest first; saves in a row are one entry that opens. */
export class Timeline {
  readonly node = element('div', { class: 'timeline' });
  readonly #list = element('ol', {});
  readonly #more = element('button', { type: 'button', class: 'button' }, 'Show earlier');
  readonly #empty = element('p', { class: 'empty' }, 'Nothing has happened yet.');
  readonly #items = new Map<string, HTMLLIElement>();
  readonly #runs = new Map<string, SaveRun>();
  #shown = SHOWN_FIRST;
  #happenings: readonly Happening[] = [];
  readonly #workers: () => readonly WorkerView[];

  constructor(workers: () => readonly WorkerView[]) {
    this.#workers = workers;
    this.node.append(this.#list, this.#empty, this.#more);
    this.#more.addEventListener('click', () => {
      this.#shown += SHOWN_FIRST;
      this.update(this.#happenings);
    });
  }

  update(happenings: readonly Happening[]): void {
    this.#happenings = happenings;
    const entries = inEntries(happenings).reverse();
    this.#empty.hidden = entries.length > 0;
    this.#more.hidden = entries.length <= this.#shown;
    placeInOrder(
      this.#list,
      entries.slice(0, this.#shown).map((entry) => this.#itemFor(entry)),
    );
  }

  #itemFor(entry: Entry): HTMLLIElement {
    const item = this.#items.get(entry.key) ?? this.#newItem(entry);
    if ('saves' in entry) this.#runs.get(entry.key)?.update(entry.saves);
    return item;
  }

  #newItem(entry: Entry): HTMLLIElement {
    const item = element('li');
    this.#items.set(entry.key, item);
    if ('saves' in entry) {
      const run = new SaveRun();
      this.#runs.set(entry.key, run);
      item.append(run.node);
    } else {
      item.append(describe(entry.happening, this.#workers()));
    }
    return item;
  }
}

class SaveRun {
  readonly node = element('div', { class: 'happening' });
  readonly #time = element('span', { class: 'when' });
  readonly #summary = element('summary');
  readonly #list = element('ol');
  readonly #details = element('details', {}, this.#summary, this.#list);
  readonly #single = element('span');
  #count = 0;

  constructor() {
    this.node.append(this.#time, icon('save'), this.#details, this.#single);
  }

  update(saves: Save[]): void {
    const [first, last] = [saves[0], saves.at(-1)];
    if (saves.length === this.#count || !first || !last) return;
    this.#count = saves.length;
    const isRun = first !== last;
    this.#details.hidden = !isRun;
    this.#single.hidden = isRun;
    setText(this.#time, formatShortTime(last.at));
    setText(this.#single, describeSave(first));
    const bytes = saves.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    setText(
      this.#summary,
      `${formatCount(saves.length, 'save')} since ${formatShortTime(first.at)}, ${formatBytes(bytes)} sent`,
    );
    const items = saves.map((save) =>
      element('li', {}, `${formatShortTime(save.at)}  ${describeSave(save)}`),
    );
    this.#list.replaceChildren(...items.reverse());
  }
}

function describe(
  happening: Exclude<Happening, Save>,
  workers: readonly WorkerView[],
): HTMLElement {
  const when = element('span', { class: 'when' }, formatShortTime(happening.at));
  if (happening.what !== 'state') {
    const isBad = happening.what !== 'restored';
    return element(
      'div',
      { class: `happening ${isBad ? 'bad' : ''}` },
      when,
      icon(isBad ? 'alert' : 'save'),
      element('span', {}, describeEvent(happening)),
    );
  }
  const badge = new StateBadge();
  badge.update(happening.state);
  const about = [onWorker(happening.worker, workers), happening.detail].filter(Boolean);
  return element(
    'div',
    { class: 'happening' },
    when,
    badge.node,
    about.length > 0 && element('span', { class: 'second' }, about.join(': ')),
  );
}

/** By the name of its host, while it is there. */
function onWorker(name: string | null, workers: readonly WorkerView[]): string | null {
  const worker = workers.find(({ id, address }) => id === name || address === name);
  return name === null ? null : `on ${worker?.host ?? name}`;
}

/** In the same order. A run of saves is known by its first, so that it stays itself as it grows. */
function inEntries(happenings: readonly Happening[]): Entry[] {
  const entries: Entry[] = [];
  for (const happening of happenings) {
    const last = entries.at(-1);
    if (happening.what !== 'saved') entries.push({ key: keyOf(happening), happening });
    else if (last && 'saves' in last) last.saves.push(happening);
    else entries.push({ key: keyOf(happening), saves: [happening] });
  }
  return entries;
}
