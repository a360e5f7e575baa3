import { safely } from '../../common/safely.js';
import { readTextFreeProperties } from '../audience/text-free-properties.js';
import { HISTORY_CUT } from '../engines/history.js';
import type { RecordStore } from '../engines/record-store.js';
import { forgetDerivedWords } from './derived-words.js';
import { readCategories } from '../insights/labels/categories.js';
import { INTENT_PROPERTY } from '../insights/labels/label-properties.js';
import { TEXT_ERASED, withoutTexts } from '../model/privacy/without-texts.js';
import type { NewRecord } from '../model/stored-record.js';
import type { RecordQuery } from '../query/record-query.js';

const DAY_MS = 86_400_000;
/** Time from the start of a server to the first look, and from one to the next. */
const FIRST_MS = 1000;
const EVERY_MS = 6 * 60 * 60 * 1000;
/** Records that are read and written at once. */
const BATCH = 500;
/** Records whose earlier versions are removed at once: a file is rewritten each time, and a database can have millions of them. */
const PURGED_AT_ONCE = 100_000;
/** Looks begin this much before the end of the last one: clocks of servers differ. */
const OVERLAP_MS = DAY_MS;
/** Interval of looks at all of time: for records that came while no server had the option. */
const FULL_EVERY_MS = 7 * DAY_MS;

/** Version of what `withoutTexts()` leaves. Raise it when less is left: records without texts are then looked at once more. */
const RULE = 2;

/** Progress of the erasure of texts: `{ until, fullAt, isPending, rule }`. Servers of before replace it by their own rule. */
const PROGRESS = { kind: 'history', name: 'texts' } as const;
/** Progress of those servers alone that know {@link RULE}: `{ until, fullAt, rule, isMixed }`. */
const RULE_PROGRESS = { kind: 'history', name: 'texts-rule' } as const;

export interface AgeLimitsOptions {
  readonly store: RecordStore;
  /** Days after which records are deleted. Undefined: the engine does it, or nobody. */
  readonly days?: number | undefined;
  /** True if the engine deletes records by age, and says not when: words that only they had are looked for each time. */
  readonly engineDeletesByAge?: boolean | undefined;
  /** Days after which their texts are erased, and their numbers kept. */
  readonly textDays?: number | undefined;
  /** Property that the server was started with, see `readOrganizationProperty()`. It holds no texts. */
  readonly organizationProperty?: string | undefined;
  /** Called after each look with the time (ISO 8601) up to which no text is left, for what else knows texts. */
  readonly onLook?: ((until: string) => void) | undefined;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Deletes records that are older than a number of days, and erases the texts of those that are older than another one. Looks soon after the start, and every six
 * hours. Any number of servers may do it.
 */
export class AgeLimits {
  readonly #options: AgeLimitsOptions;
  readonly #now: () => number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: AgeLimitsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Looks from now on. If it fails, the next look does what was left. */
  schedule(afterMs = FIRST_MS): void {
    const { days, textDays, engineDeletesByAge = false } = this.#options;
    if (this.#isClosed || !(engineDeletesByAge || (days ?? textDays) !== undefined)) return;
    this.#timer = setTimeout(() => {
      this.#running = this.run()
        .catch(() => undefined)
        .finally(() => this.schedule(EVERY_MS));
    }, afterMs).unref();
  }

  async run(): Promise<void> {
    const { days, textDays, onLook, engineDeletesByAge = false } = this.#options;
    if (engineDeletesByAge && (await this.#forgetWords())) await this.#options.store.purge?.([]);
    if (days !== undefined) await this.#deleteBefore(this.#now() - days * DAY_MS);
    if (textDays !== undefined) await this.#eraseTextsBefore(this.#now() - textDays * DAY_MS);
    const least = Math.min(days ?? Infinity, textDays ?? Infinity);
    if (least < Infinity) safely(onLook, new Date(this.#now() - least * DAY_MS).toISOString());
  }

  /** Returns records as they may be stored: one that arrives when its texts are too old already has none. */
  async admit<T extends NewRecord>(records: readonly T[]): Promise<readonly T[]> {
    const { textDays } = this.#options;
    if (textDays === undefined) return records;
    const limit = this.#now() - textDays * DAY_MS;
    const isOld = (record: T): boolean => Date.parse(record.timestamp) <= limit;
    if (!records.some(isOld)) return records;
    const erase = await this.#readEraser();
    return records.map((record) => (isOld(record) ? erase(record) : record));
  }

  /** Resolves when a look that is in progress has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #deleteBefore(time: number): Promise<void> {
    const { store } = this.#options;
    const query: RecordQuery = { until: { at: time } };
    if ((await store.list(query, { limit: 1 })).records.length === 0) return;
    // Before they are gone: a server that stops in between would never say it.
    await store.documents.put({ ...HISTORY_CUT, value: { since: new Date(this.#now()).toISOString() } });
    const { ids } = await store.remove(query);
    await this.#forgetWords();
    await store.purge?.(ids);
  }

  async #eraseTextsBefore(time: number): Promise<void> {
    const { store } = this.#options;
    const [progress, own] = [await this.#readProgress(PROGRESS), await this.#readProgress(RULE_PROGRESS)];
    const isFirst = progress.isPending || own.rule < RULE;
    // A server of before has looked meanwhile: what it erased since is looked at again now, what it erased elsewhere with the next full look.
    const isMixed = progress.rule < RULE;
    const since = isMixed ? own : progress;
    const isFull = isFirst || this.#now() - since.fullAt >= FULL_EVERY_MS;
    const isAgain = isFirst || isMixed || (isFull && own.isMixed);
    const query: RecordQuery = {
      until: { at: time },
      ...(!isFull && { since: { at: since.until - OVERLAP_MS } }),
      // After a look that has not ended, records may be without texts whose earlier versions are on the disk.
      ...(!isAgain && { not: [{ properties: [{ name: TEXT_ERASED, values: ['true'] }] }] }),
    };
    if ((await store.list(query, { limit: 1 })).records.length > 0) {
      await this.#writeProgress(PROGRESS, { ...progress, isPending: true });
      await this.#eraseTexts(query);
    }
    if (this.#isClosed) return;
    const done: Progress = {
      until: time,
      fullAt: isFull ? this.#now() : since.fullAt,
      isPending: false,
      rule: RULE,
      isMixed: isMixed || (own.isMixed && !isFull),
    };
    await this.#writeProgress(RULE_PROGRESS, done);
    await this.#writeProgress(PROGRESS, done);
  }

  async #eraseTexts(query: RecordQuery): Promise<void> {
    const { store } = this.#options;
    const erase = await this.#readEraser();
    const erased: string[] = [];
    let before: string | undefined;
    do {
      const page = await store.list(query, { limit: BATCH, ...(before !== undefined && { before }) });
      // A record that is replaced keeps its place, so that the cursor stays right.
      await store.put(
        page.records.flatMap((record) => {
          const left = erase(record);
          return JSON.stringify(left) === JSON.stringify(record) ? [] : left;
        }),
      );
      for (const { id } of page.records) erased.push(id);
      if (erased.length >= PURGED_AT_ONCE) await store.purge?.(erased.splice(0));
      before = page.next;
    } while (before !== undefined && !this.#isClosed);
    await this.#forgetWords();
    await store.purge?.(erased);
  }

  /** Returns a function that takes the texts out of a record. A category that people have named is a name, and stays. */
  async #readEraser(): Promise<<T extends NewRecord>(record: T) => T> {
    const { store, organizationProperty } = this.#options;
    const kept = await readTextFreeProperties(store.documents, organizationProperty);
    const { names } = await readCategories(store.documents);
    const withIntent = new Set([...kept, INTENT_PROPERTY]);
    return (record) => {
      const intent = record.properties[INTENT_PROPERTY];
      const isNamed = typeof intent === 'string' && names.includes(intent);
      return withoutTexts(record, isNamed ? withIntent : kept);
    };
  }

  /** Forgets words that only erased texts had, before earlier versions leave the disk. Returns true if there were any. */
  async #forgetWords(): Promise<boolean> {
    const { store, organizationProperty } = this.#options;
    return forgetDerivedWords(store, await readTextFreeProperties(store.documents, organizationProperty));
  }

  async #readProgress({ kind, name }: ProgressKey): Promise<Progress> {
    const document = await this.#options.store.documents.get(kind, name);
    const { until, fullAt, isPending, rule, isMixed } = Object(document?.value) as Partial<
      Record<keyof Progress, unknown>
    >;
    return {
      until: timeOf(until),
      fullAt: timeOf(fullAt),
      isPending: isPending === true,
      rule: typeof rule === 'number' ? rule : 1,
      isMixed: isMixed === true,
    };
  }

  async #writeProgress(key: ProgressKey, { until, fullAt, ...others }: Progress): Promise<void> {
    const value = { until: textOf(until), fullAt: textOf(fullAt), ...others };
    await this.#options.store.documents.put({ ...key, value });
  }
}

type ProgressKey = typeof PROGRESS | typeof RULE_PROGRESS;

interface Progress {
  /** Time before which no record has a text. */
  readonly until: number;
  /** Time of the last look at all of time. */
  readonly fullAt: number;
  /** A look has begun, and not ended. */
  readonly isPending: boolean;
  /** Version of the rule by which texts were erased. */
  readonly rule: number;
  /** True if a server with an older rule has erased texts since the last look at all of time. */
  readonly isMixed: boolean;
}

function timeOf(value: unknown): number {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? 0 : time;
}

function textOf(time: number): string {
  return new Date(Math.max(0, time)).toISOString();
}
