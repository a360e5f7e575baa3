import { readQuery } from '../../audience/read-query.js';
import { Lease } from '../../background/lease.js';
import type { RecordStore } from '../../engines/record-store.js';
import type { StoredRecord } from '../../model/stored-record.js';
import type { RecordQuery } from '../../query/record-query.js';
import { Allowance } from './allowance.js';
import { currentNameOf, readCategories, type Categories } from './categories.js';
import { MAX_INTENTS } from './category-names.js';
import { Intents } from './intents.js';
import {
  CONTENT_PROPERTY,
  contentKeyOf,
  hasSentLabels,
  INTENT_PROPERTY,
  LABEL_STATUSES,
  labelsOf,
  STATUS_PROPERTY,
  type Labelled,
  type Labels,
} from './label-properties.js';
import { UNCLEAR } from './label-values.js';
import { LabelService, type LabelServiceOptions } from './label-service.js';
import type { LabelStatus } from './label-status.js';

/** Prompts that are looked at in one step. */
const BATCH = 20;
const CONCURRENCY = 2;
/** Contents of one query. An engine in memory takes 30 ms for 100,000 records, and 6 ms for each content. */
const LOOKED_UP_AT_ONCE = 4;
/** Older prompts are not labelled any more. */
const LOOK_BACK = '7d';
const KNOWN_INTENTS_OF = '30d';
/** Pause when nothing waits. */
const IDLE_MS = 30_000;
/** Pause after a failure of the service: doubled with each further one. */
const [FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS] = [5000, 600_000];
/** Attempts for one prompt. */
const MAX_ATTEMPTS = 3;
/** Contents whose failed attempts are remembered. */
const MAX_ATTEMPTED = 10_000;

export interface LabellingOptions {
  readonly store: RecordStore;
  readonly service: LabelServiceOptions;
  /** Stores labels of prompts that still have these texts, by id. */
  readonly save: (labels: ReadonlyMap<string, SavedLabels>) => Promise<unknown>;
  readonly steadyNow?: () => number;
}

/** Labels, and the content that they are about. */
export interface SavedLabels {
  readonly content: string | undefined;
  readonly labelled: Labelled;
}

/**
 * Labels prompts that are not labelled yet, the latest first, on one of the servers over a store. What is labelled is told by the properties of the records, so that
 * nothing is asked twice, also after a restart, and labels go with their record.
 */
export class Labelling {
  readonly #options: LabellingOptions;
  readonly #service: LabelService;
  readonly #allowance: Allowance;
  readonly #lease: Lease;
  readonly #stop = new AbortController();
  /** Failed attempts by content. */
  readonly #attempts = new Map<string, number>();
  #failures = 0;
  #problem: string | undefined;

  constructor(options: LabellingOptions) {
    const { store, service, steadyNow = () => performance.now() } = options;
    this.#options = options;
    this.#service = new LabelService(service);
    this.#allowance = new Allowance(service.perMinute, steadyNow);
    this.#lease = new Lease({ documents: store.documents, name: 'labels', now: steadyNow });
  }

  /** Labels some prompts. Returns the milliseconds until there may be more to do. */
  async run(): Promise<number> {
    if (!(await this.#lease.take())) return IDLE_MS;
    // One request tells whether a service that failed works again.
    const room = Math.min(BATCH, this.#allowance.available, this.#failures > 0 ? 1 : BATCH);
    if (room < 1) return this.#allowance.waitMs;
    const { store } = this.#options;
    const { records } = await store.list(await this.#waiting(), { limit: room });
    if (records.length === 0) return IDLE_MS;
    await this.#label(records);
    if (this.#failures > 0) return Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (this.#failures - 1));
    return this.#allowance.waitMs;
  }

  /** Ends requests that are in flight. */
  stop(): void {
    this.#stop.abort();
  }

  /** Lets another server go on at once. */
  async close(): Promise<void> {
    await this.#lease.release();
  }

  async status(): Promise<LabelStatus> {
    const { store, service } = this.#options;
    const answer = await store.measure(await this.#prompts(LOOK_BACK), {
      measures: ['prompts'],
      by: { property: STATUS_PROPERTY },
    });
    const countOf = (status: string | null): number =>
      answer.groups.find(({ name }) => name === status)?.values[0] ?? 0;
    return {
      isOn: true,
      to: service.target.host,
      model: service.model,
      labelled: countOf('done'),
      failed: countOf('failed'),
      waiting: countOf(null),
      empty: countOf('empty'),
      sent: countOf('sent'),
      problem: this.#problem ?? null,
    };
  }

  async #label(records: readonly StoredRecord[]): Promise<void> {
    const known = await this.#knownLabels(records);
    const intents = await this.#intents();
    const saved = new Map<string, SavedLabels>();
    const asked = new Map<string, StoredRecord[]>();
    for (const record of records) {
      const content = contentKeyOf(record);
      const labels = known.get(content ?? '');
      if (content === undefined) saved.set(record.id, { content, labelled: { status: 'empty' } });
      else if (hasSentLabels(record)) saved.set(record.id, { content, labelled: { status: 'sent' } });
      else if (labels) saved.set(record.id, { content, labelled: { status: 'done', labels } });
      else asked.set(content, [...(asked.get(content) ?? []), record]);
    }
    if (saved.size > 0) await this.#save(saved);
    const queue = [...asked];
    const failures = this.#failures;
    const work = async (): Promise<void> => {
      for (let next; (next = queue.shift());) {
        const [content, same] = next;
        // After a failure of the service, the others wait.
        if (this.#failures > failures || !this.#mayAsk()) return;
        const labelled = await this.#ask(content, same, intents);
        if (!labelled) continue;
        await this.#save(new Map(same.map(({ id }) => [id, { content, labelled }])));
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
  }

  /**
   * Stores labels with the present names of their categories. Somebody may rename one while the model is asked, after the same texts were labelled, or while this
   * stores: a rename writes the document first, then changes what is stored.
   */
  async #save(saved: ReadonlyMap<string, SavedLabels>): Promise<void> {
    const { store, save } = this.#options;
    let categories = await readCategories(store.documents);
    const renamed = (labels: ReadonlyMap<string, SavedLabels>): Map<string, SavedLabels> =>
      new Map([...labels].map(([id, one]) => [id, withCurrentName(one, categories)]));
    for (let left = renamed(saved); left.size > 0;) {
      await save(left);
      categories = await readCategories(store.documents);
      // Other changes of the categories concern none of these.
      const before = left;
      left = new Map([...renamed(left)].filter(([id, one]) => intentOf(one) !== intentOf(before.get(id))));
    }
  }

  #mayAsk(): boolean {
    return !this.#stop.signal.aborted && this.#lease.isHeld() && this.#allowance.available > 0;
  }

  /** Returns what became of a content; undefined if it is tried again later. */
  async #ask(
    content: string,
    [record]: readonly StoredRecord[],
    intents: Intents,
  ): Promise<Labelled | undefined> {
    if (record?.kind !== 'prompt') return undefined;
    this.#allowance.use(1);
    const answer = await this.#service.ask(record, intents, this.#stop.signal);
    if (answer.labels) {
      this.#failures = 0;
      this.#problem = undefined;
      this.#attempts.delete(content);
      return { status: 'done', labels: answer.labels };
    }
    this.#problem = answer.problem;
    if (answer.blame !== 'texts') this.#failures += 1;
    if (answer.blame === 'service') return undefined;
    return this.#countAttempt(content);
  }

  /** Returns what becomes of a content that has failed once more; undefined if it is tried again later. */
  #countAttempt(content: string): Labelled | undefined {
    const attempts = (this.#attempts.get(content) ?? 0) + 1;
    if (this.#attempts.size >= MAX_ATTEMPTED) this.#attempts.clear();
    this.#attempts.set(content, attempts);
    if (attempts < MAX_ATTEMPTS) return undefined;
    this.#attempts.delete(content);
    return { status: 'failed' };
  }

  /** Returns labels of the same contents, which other records have. */
  async #knownLabels(records: readonly StoredRecord[]): Promise<ReadonlyMap<string, Labels>> {
    const contents = [...new Set(records.flatMap((record) => contentKeyOf(record) ?? []))];
    const known = new Map<string, Labels>();
    for (let start = 0; start < contents.length; start += LOOKED_UP_AT_ONCE) {
      const properties = [
        { name: CONTENT_PROPERTY, values: contents.slice(start, start + LOOKED_UP_AT_ONCE) },
        { name: STATUS_PROPERTY, values: ['done'] },
      ];
      const page = await this.#options.store.list({ kinds: ['prompt'], properties }, { limit: BATCH });
      for (const record of page.records) {
        const [content, labels] = [contentKeyOf(record), labelsOf(record)];
        if (content !== undefined && labels) known.set(content, labels);
      }
    }
    return known;
  }

  /** Returns the categories that people have named, and those that records have: when a record is erased, so is its category. */
  async #intents(): Promise<Intents> {
    const { groups } = await this.#options.store.measure(await this.#prompts(KNOWN_INTENTS_OF), {
      measures: ['prompts'],
      by: { property: INTENT_PROPERTY },
      limit: MAX_INTENTS + 2,
    });
    const { names, renamed } = await readCategories(this.#options.store.documents);
    const found = groups.flatMap(({ name }) => (name === null || name === UNCLEAR ? [] : name));
    return new Intents([...names, ...found], renamed);
  }

  async #waiting(): Promise<RecordQuery> {
    const query = await this.#prompts(LOOK_BACK);
    const labelled = { properties: [{ name: STATUS_PROPERTY, values: [...LABEL_STATUSES] }] };
    return { ...query, not: [...(query.not ?? []), labelled] };
  }

  #prompts(since: string): Promise<RecordQuery> {
    return readQuery(new URLSearchParams({ kind: 'prompt', since }), this.#options.store.documents);
  }
}

function intentOf(saved: SavedLabels | undefined): string | undefined {
  return saved?.labelled.status === 'done' ? saved.labelled.labels.intent : undefined;
}

function withCurrentName({ content, labelled }: SavedLabels, categories: Categories): SavedLabels {
  if (labelled.status !== 'done') return { content, labelled };
  const intent = currentNameOf(labelled.labels.intent, categories);
  return { content, labelled: { ...labelled, labels: { ...labelled.labels, intent } } };
}
