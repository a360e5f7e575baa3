import { traceIdOf } from '../../common/record-id.js';
import { safely } from '../../common/safely.js';
import {
  completed,
  isIncomplete,
  ownerIdOf,
  supersededBy,
  withLateFacts,
  type LateFact,
} from './complete-record.js';
import type { Forwarding } from './forwarding.js';
import {
  keepingLabels,
  contentKeyOf,
  withLabels,
  withoutLabels,
} from '../insights/labels/label-properties.js';
import type { SavedLabels } from '../insights/labels/labelling.js';
import { withoutCost } from '../insights/prices/cost-properties.js';
import type { Pricing, PricingScope } from '../insights/prices/pricing.js';
import type { RecordStore } from '../engines/record-store.js';
import { recordKey } from '../model/privacy/erasure-keys.js';
import type { NewRecord, StoredRecord } from '../model/stored-record.js';
import type { StoreHealth } from './store-health.js';
import { StoreOrder } from './store-order.js';

export interface IntakeParts {
  readonly store: RecordStore;
  readonly health: StoreHealth;
  readonly forwarding?: Forwarding | undefined;
  /** Adds to records what they cost. */
  readonly pricing: Pricing;
  /** Returns records as they may be stored now. Default: as they are. */
  readonly admit?: (<T extends NewRecord>(records: readonly T[]) => Promise<readonly T[]>) | undefined;
  readonly onRecords?: ((records: readonly StoredRecord[]) => void) | undefined;
}

/** A record that was read from spans. */
export interface TracedRecord {
  readonly record: NewRecord;
  /** Ids of records that this one is part of. It is not stored if one of them is. */
  readonly partOf: readonly string[];
  /** False if the trace is not known up to its root: the stored record may know more. */
  readonly isComplete: boolean;
}

/** Outcome of records that were taken. */
export interface Taken {
  /** Records that are stored now: all but those that were erased earlier. */
  readonly stored: number;
  /** Ids that were stored already. */
  readonly known: number;
}

/** A stored record, and what it becomes at the prices of now. The same object if it does not change. */
export interface Repriced {
  readonly before: StoredRecord;
  readonly after: StoredRecord;
}

/** Stored state of the ids of a write. */
type Known = ReadonlyMap<string, StoredRecord>;

/**
 * Passes received records on: to the store, whose changes open pages follow, then to `onRecords`, and to the host they are forwarded to, if any.
 *
 * Answers of a store take time, and other servers may write to it. So it is asked what it has for every write, and writes to one id run
 * one after the other.
 */
export class Intake {
  readonly #parts: IntakeParts;
  readonly #order = new StoreOrder();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Stores records of the ingestion API. They are forwarded at once, because they will not change. */
  take(received: readonly NewRecord[]): Promise<Taken> {
    const ids = received.map(({ id }) => id);
    return this.#write(ids, async () => {
      const { store, forwarding } = this.#parts;
      const records = await this.#admitted(received);
      const known = await store.get(ids);
      const forwarded = forwarding ? records.filter((record) => !isRepeated(record, known)) : [];
      const changed = new Set(forwarded.map(({ id }) => id));
      const marked = records.map((record) => this.#marked(record, known, changed.has(record.id)));
      const stored = await this.#put(await this.#priced(marked, known));
      forwarding?.send(stored.filter(({ id }) => changed.has(id)));
      return { stored: stored.length, known: known.size };
    });
  }

  /**
   * Stores records that were read from spans, and removes those that were made too early. Later spans may change them, so they are
   * forwarded later. A record that came by the ingestion API as well is kept as it is: it holds more than its spans.
   */
  takeTraced(traced: readonly TracedRecord[], superseded: readonly string[]): Promise<void> {
    const ids = traced.map(({ record }) => record.id);
    if (ids.length === 0 && superseded.length === 0) return Promise.resolve();
    return this.#write([...ids, ...superseded], async () => {
      const { store } = this.#parts;
      const wholes = traced.flatMap(({ partOf }) => partOf);
      const known = await store.get([...ids, ...wholes, ...superseded]);
      const erased = await store.erased([...wholes, ...superseded]);
      const owners = await this.#ownersOf(
        traced.map(({ record }) => record),
        known,
      );
      const wanted = traced
        .filter(({ partOf }) => !partOf.some((id) => known.has(id) && !superseded.includes(id)))
        .filter(({ partOf }) => !partOf.some((id) => erased.has(id)))
        .map((one) => (one.isComplete ? one.record : completed(one.record, known.get(one.record.id))))
        .map((record) => completed(record, owners.get(ownerIdOf(record) ?? '')))
        .filter((record) => !isFromIngestion(known.get(record.id)) && !isRepeated(record, known));
      const records = await this.#withoutRevived(
        wanted,
        superseded.filter((id) => erased.has(id)),
        known,
      );
      await this.#putTraced(
        records,
        known,
        superseded.filter((id) => known.has(id) && !isFromIngestion(known.get(id))),
      );
    });
  }

  /**
   * Completes stored records of spans with facts that came later than the record. Removes those of calls that opted out, or are recorded otherwise. Feedback takes user
   * and thread from the record that it is about.
   *
   * @returns the number of records that changed
   */
  revise(ids: readonly string[], factsOf: (record: StoredRecord) => LateFact | undefined): Promise<number> {
    return this.#write(ids, async () => {
      const known = await this.#parts.store.get(ids);
      const fromSpans = [...known.values()].filter((record) => !isFromIngestion(record));
      const owners = await this.#ownersOf(fromSpans, known);
      const found = fromSpans.map((record) => ({ record, facts: factsOf(record) }));
      const withdrawn = found
        .filter(({ facts }) => facts?.isOptedOut === true)
        .map(({ record }) => record.id);
      const superseded = supersededBy(found);
      const changed = found
        .filter(({ record }) => !withdrawn.includes(record.id) && !superseded.includes(record.id))
        .map(({ record, facts }) => {
          const ofOwner = completed(record, owners.get(ownerIdOf(record) ?? ''));
          return withLateFacts(ofOwner, facts);
        })
        .filter((record) => !isRepeated(record, known));
      const stored = await this.#putTraced(changed, known, [...withdrawn, ...superseded]);
      // The feedback on them.
      if (withdrawn.length > 0) await this.#parts.store.remove({ owners: withdrawn });
      return stored.length + withdrawn.length + superseded.length;
    });
  }

  /** Stores records of spans, and removes those that are not to be stored any more. Later spans may change them: they are forwarded later. */
  async #putTraced(
    records: readonly NewRecord[],
    known: Known,
    superseded: readonly string[],
  ): Promise<readonly StoredRecord[]> {
    const admitted = await this.#admitted(records);
    const marked = admitted.map((record) => this.#marked(record, known, true));
    const stored = await this.#put(await this.#priced(marked, known), superseded);
    this.#parts.forwarding?.sendLater(stored, known);
    return stored;
  }

  /** Returns the records that feedback with an unknown user is about, as far as they are stored. */
  #ownersOf(records: readonly (NewRecord | StoredRecord)[], known: Known): Promise<Known> {
    const ids = records.filter(isIncomplete).flatMap((record) => ownerIdOf(record) ?? []);
    const missing = ids.filter((id) => !known.has(id));
    return missing.length === 0 ? Promise.resolve(known) : this.#parts.store.get([...new Set(ids)]);
  }

  /**
   * Leaves out records that hold the content of an erased one under another id: the call of an outer span takes the place of the call of
   * an inner one. Which call took which place is not known, so all new calls of the trace are left out.
   */
  async #withoutRevived(
    records: readonly NewRecord[],
    erased: readonly string[],
    known: Known,
  ): Promise<readonly NewRecord[]> {
    const traces = new Set(erased.map(traceIdOf));
    const revived = records.filter(({ id }) => !known.has(id) && traces.has(traceIdOf(id)));
    if (revived.length === 0) return records;
    await this.#parts.store.erase({ ids: [], keys: revived.map(({ id }) => recordKey(id)) });
    return records.filter((record) => !revived.includes(record));
  }

  /** Returns a record that says where it is forwarded to, and was before. */
  #marked(record: NewRecord, known: Known, isForwarded: boolean): NewRecord {
    const { forwarding } = this.#parts;
    const before = known.get(record.id)?.forwardedTo;
    if (!forwarding && !before) return record;
    const hosts = new Set([...(before ?? []), ...(record.forwardedTo ?? [])]);
    if (forwarding && isForwarded) hosts.add(forwarding.host);
    return hosts.size === 0 ? record : { ...record, forwardedTo: [...hosts] };
  }

  /**
   * Computes the cost of stored records again, and stores those that change.
   *
   * @returns the records that exist, before and after; with `isDry`, nothing is stored
   */
  reprice(ids: readonly string[], scope: PricingScope, isDry: boolean): Promise<readonly Repriced[]> {
    return this.#write(ids, async () => {
      const { store, pricing } = this.#parts;
      const before = [...(await store.get(ids)).values()];
      const after = await pricing.price(before, scope);
      const repriced = before.map((record, index) => ({ before: record, after: after[index] ?? record }));
      const changed = repriced.flatMap((one) => (one.before === one.after ? [] : [one.after]));
      if (!isDry && changed.length > 0) await store.put(changed);
      return repriced;
    });
  }

  /** Stores labels of prompts, by id. Those whose texts have changed meanwhile, or that are gone, are left out. Returns the number of the others. */
  label(labels: ReadonlyMap<string, SavedLabels>): Promise<number> {
    const ids = [...labels.keys()];
    return this.#write(ids, async () => {
      const { store } = this.#parts;
      const stored = ids.length === 0 ? [] : [...(await store.get(ids)).values()];
      const labelled = stored.flatMap((record) => {
        const saved = labels.get(record.id);
        if (!saved || saved.content !== contentKeyOf(record)) return [];
        return [{ ...record, properties: withLabels(record, saved.labelled) }];
      });
      if (labelled.length > 0) await store.put(labelled);
      return labelled.length;
    });
  }

  /** Adds the cost. A record that is stored already keeps what it cost when it arrived. */
  async #priced(records: readonly NewRecord[], known: Known): Promise<readonly NewRecord[]> {
    if (known.size === 0) return this.#parts.pricing.price(records);
    const kept = records.map((record) => {
      const earlier = known.get(record.id);
      if (!earlier) return record;
      return isRepeated(record, known)
        ? { ...record, properties: earlier.properties }
        : keepingLabels(record, earlier);
    });
    return this.#parts.pricing.price(kept);
  }

  #admitted<T extends NewRecord>(records: readonly T[]): Promise<readonly T[]> {
    return this.#parts.admit?.(records) ?? Promise.resolve(records);
  }

  #write<T>(ids: readonly string[], write: () => Promise<T>): Promise<T> {
    return this.#order.run(ids, () => this.#parts.health.watch(write));
  }

  /** Returns the records that are stored. In the same operation, the superseded ones are removed, and no longer forwarded. */
  async #put(
    records: readonly NewRecord[],
    superseded: readonly string[] = [],
  ): Promise<readonly StoredRecord[]> {
    if (records.length === 0 && superseded.length === 0) return [];
    const { store, forwarding, onRecords } = this.#parts;
    const { records: stored, removed } = await store.put(records, superseded);
    if (stored.length > 0) safely(onRecords, stored);
    if (removed.length > 0) forwarding?.forget(removed);
    return stored;
  }
}

function isFromIngestion(record: StoredRecord | undefined): boolean {
  return record !== undefined && record.origin !== 'otlp';
}

/** Returns true if the same record is stored already, which happens after a repeated delivery. */
function isRepeated(record: NewRecord, known: Known): boolean {
  const earlier = known.get(record.id);
  return earlier !== undefined && JSON.stringify(comparable(earlier)) === JSON.stringify(comparable(record));
}

/** Returns a record without the fields that this server adds, in a fixed order of fields. */
function comparable(record: NewRecord | StoredRecord): unknown {
  const {
    receivedAt: _receivedAt,
    forwardedTo: _forwardedTo,
    properties: _priced,
    ...rest
  } = {
    seq: 0,
    ...record,
  };
  return [sorted(withoutLabels(withoutCost(record))), sorted({ ...rest, seq: 0 })];
}

function sorted(members: object): readonly unknown[] {
  return Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1));
}
