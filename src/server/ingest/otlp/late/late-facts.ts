import { RecentMap } from '../../../../common/collections/recent-map.js';
import type { UserAndThread } from '../../../../common/context-identity.js';
import type { RecordStore } from '../../../engines/record-store.js';
import type { StoredRecord } from '../../../model/stored-record.js';
import type { LateFact } from '../../complete-record.js';
import type { TraceBuffer } from '../joining/trace-buffer.js';
import { factsAbout } from './facts-about.js';
import { Looks } from './looks.js';

/** Prefixes of keys: ids of evaluations begin with the first. Keys without a prefix are trace ids. */
const EVALUATION = 'evaluation:';
const OPT_OUT = 'opt-out:';

/** Time after the start in which parts of calls may be stored since before it. Later, only other servers have them. */
const FRESH_MS = 15 * 60_000;
/** Records of which it is remembered what they got. */
const MAX_GIVEN = 20_000;

/** Facts of one request about calls that may be on another server. */
export interface NewFacts {
  /** Traces in which spans with facts came. */
  readonly factTraces: ReadonlySet<string>;
  /** Traces in which spans of calls and agents came. */
  readonly callTraces: ReadonlySet<string>;
  /** Ids of evaluations whose call is not known here. */
  readonly evaluations: readonly string[];
  /** Ids of the records of unknown spans that opted out by a log record. */
  readonly optedOut: readonly string[];
}

export interface LateFactsParts {
  readonly store: Pick<RecordStore, 'recentInTraces'>;
  readonly traces: Pick<TraceBuffer, 'ownsRecord' | 'spansAbove' | 'nestingBelow'>;
  /** Changes or removes stored records. Returns the number of those that changed. */
  readonly revise: (
    ids: readonly string[],
    factsOf: (record: StoredRecord) => LateFact | undefined,
  ) => Promise<number>;
  /** Called with the ids of records that were removed because they are opted out. */
  readonly onOptedOut: (ids: readonly string[]) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Completes records that another server wrote with facts that came to this one. Facts usually come last, because a span ends after those
 * below it: the store is looked at before the request is answered. For facts that come first, it is looked at again.
 */
export class LateFacts {
  readonly #parts: LateFactsParts;
  readonly #now: () => number;
  readonly #freshUntilMs: number;
  readonly #looks: Looks;
  /** Facts that records got from here, by id, the oldest first. */
  readonly #given = new RecentMap<string, UserAndThread>(MAX_GIVEN);
  #completed = 0;

  constructor(parts: LateFactsParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
    this.#freshUntilMs = this.#now() + FRESH_MS;
    this.#looks = new Looks((due) => this.#complete(due), this.#now);
  }

  /** Number of records of other servers that were completed or removed. */
  get completed(): number {
    return this.#completed;
  }

  /** Completes what is stored, and remembers to look again. Rejects if the store fails. */
  async take({ factTraces, callTraces, evaluations, optedOut }: NewFacts): Promise<void> {
    if (!this.#parts.store.recentInTraces) return;
    const isFresh = this.#now() < this.#freshUntilMs;
    const traceIds = new Set([...factTraces, ...(isFresh ? callTraces : [])]);
    const keys = [...traceIds, ...evaluations, ...optedOut.map((id) => OPT_OUT + id)];
    if (keys.length === 0) return;
    this.#looks.add(keys);
    await this.#complete(keys);
  }

  /** Resolves when nothing is looked at any more. */
  close(): Promise<void> {
    return this.#looks.close();
  }

  async #complete(keys: readonly string[]): Promise<void> {
    const { store, traces, revise, onOptedOut } = this.#parts;
    const evaluations = keys.filter((key) => key.startsWith(EVALUATION));
    const optedOut = new Set(
      keys.filter((key) => key.startsWith(OPT_OUT)).map((key) => key.slice(OPT_OUT.length)),
    );
    const traceIds = keys.filter((key) => !key.startsWith(EVALUATION) && !key.startsWith(OPT_OUT));
    const found = traceIds.length === 0 ? [] : ((await store.recentInTraces?.(traceIds)) ?? []);
    // Skips records that are written here alone: the join memory has reported everything about them.
    const ids = [...new Set([...found, ...optedOut].filter((id) => !traces.ownsRecord(id))), ...evaluations];
    if (ids.length === 0) return;
    const removed = new Set<string>();
    this.#completed += await revise(ids, (record) => {
      const facts = optedOut.has(record.id) ? { isOptedOut: true } : this.#factsOf(record);
      if (facts?.isOptedOut === true) removed.add(record.id);
      return facts;
    });
    if (removed.size > 0) await onOptedOut([...removed]);
  }

  #factsOf(record: StoredRecord): LateFact | undefined {
    const { traces } = this.#parts;
    const facts = factsAbout(record, traces);
    if (!facts) return undefined;
    const earlier = this.#given.get(record.id);
    this.#given.set(record.id, facts);
    return { ...facts, earlier };
  }
}
