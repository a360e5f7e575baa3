import type { Dimension, Measure, StoredRecord } from '../../../src/server/index.js';
import { groupsOf, recountMeasure, stepName } from './recount-measures.js';
import { isError, isPlausible } from './recount.js';

export interface Range {
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

/** Numbers now and before. */
type Both = readonly [now: number | null, before: number | null];

/**
 * Counts a summary again from the records alone, by the definitions of docs/numbers.md: sets of people and lists of records. Shares no code with the server.
 */
export class SummaryRecount {
  readonly #all: readonly StoredRecord[];
  readonly #now: readonly StoredRecord[];
  readonly #before: readonly StoredRecord[];
  readonly #start: number;

  constructor(all: readonly StoredRecord[], current: Range, before: Range) {
    this.#all = all;
    this.#now = within(all, current);
    this.#before = within(all, before);
    this.#start = current.from;
  }

  measure(measure: Measure, of: (record: StoredRecord) => boolean = () => true): Both {
    return [this.#of(measure, this.#now.filter(of)), this.#of(measure, this.#before.filter(of))];
  }

  /** A measure divided by another. */
  ratio(part: Measure, whole: Measure): Both {
    const [parts, wholes] = [this.measure(part), this.measure(whole)];
    return [quotient(parts[0], wholes[0]), quotient(parts[1], wholes[1])];
  }

  flow() {
    const [now, before] = [peopleOf(this.#now), peopleOf(this.#before)];
    const known = peopleOf(this.#all.filter(({ timestamp }) => Date.parse(timestamp) < this.#start));
    return {
      new: [...now].filter((person) => !known.has(person)).length,
      returning: [...now].filter((person) => before.has(person)).length,
      resurrected: [...now].filter((person) => known.has(person) && !before.has(person)).length,
      gone: [...before].filter((person) => !now.has(person)).length,
    };
  }

  /** Groups by a measure now, then before, then by name. */
  ranking(by: Dimension, measure: Measure, of: (record: StoredRecord) => boolean = () => true) {
    const names = new Set([...this.#now, ...this.#before].filter(of).flatMap((one) => groupsOf(one, by)));
    const groups = [...names].map((name) => {
      const isIn = (record: StoredRecord) => of(record) && groupsOf(record, by).includes(name);
      return { name, values: this.measure(measure, isIn) };
    });
    return groups.toSorted(
      (a, b) =>
        (b.values[0] ?? -1) - (a.values[0] ?? -1) ||
        (b.values[1] ?? -1) - (a.values[1] ?? -1) ||
        (a.name === null ? 1 : b.name === null ? -1 : a.name < b.name ? -1 : 1),
    );
  }

  /** Conversations of the current period, by how they went: their number and what they cost. */
  outcomes() {
    const threads = new Map<string | null, StoredRecord[]>();
    for (const record of this.#now) {
      const thread = record.threadId ?? null;
      threads.set(thread, [...(threads.get(thread) ?? []), record]);
    }
    const outcomes: Record<string, { count: number; cost: number | null }> = {};
    for (const [thread, records] of threads) {
      const of = (measure: Measure) => this.#of(measure, records) ?? 0;
      if (of('requests') === 0) continue;
      const went =
        of('errors') + of('bad') > 0 ? 'troubled' : of('rated') > 0 ? 'praised' : ('unknown' as const);
      const outcome = thread === null ? 'single' : went;
      const sum = (outcomes[outcome] ??= { count: 0, cost: null });
      sum.count += thread === null ? of('requests') : 1;
      const cost = this.#of('cost', records);
      if (cost !== null) sum.cost = (sum.cost ?? 0) + cost;
    }
    return outcomes;
  }

  /** Values of a property with requests now and none before, most requests first, and the value with most requests before. */
  arrivals(property: string, of: (record: StoredRecord) => boolean = () => true) {
    const by = { property };
    const counted = this.ranking(by, 'requests', of).filter(({ name }) => name !== null);
    const before = counted
      .filter(({ values }) => (values[1] ?? 0) > 0)
      .toSorted(
        (a, b) => (b.values[1] ?? 0) - (a.values[1] ?? 0) || ((a.name ?? '') < (b.name ?? '') ? -1 : 1),
      );
    const predecessor = before[0]?.name ?? null;
    const qualities = (name: string | null, side: 0 | 1) =>
      (['requests', 'errorRate', 'badShare', 'latencyP95'] as const).map(
        (measure) => this.measure(measure, (record) => of(record) && groupsOf(record, by)[0] === name)[side],
      );
    return counted
      .filter(({ values }) => values[0] !== 0 && values[1] === 0)
      .map(({ name }) => ({
        name,
        predecessor,
        now: qualities(name, 0),
        before: predecessor === null ? [0, null, null, null] : qualities(predecessor, 1),
      }));
  }

  /** A measure of each day of a calendar that has records. */
  days(measure: Measure, timeZone: string): Record<string, number | null> {
    const plausible = this.#now.filter(isPlausible);
    const dayOf = ({ timestamp }: StoredRecord) => stepName(Date.parse(timestamp), 'day', timeZone);
    const days = [...new Set(plausible.map(dayOf))].toSorted();
    return Object.fromEntries(
      days.map((day) => [
        day,
        this.#of(
          measure,
          plausible.filter((record) => dayOf(record) === day),
        ),
      ]),
    );
  }

  #of(measure: Measure, records: readonly StoredRecord[]): number | null {
    return recountMeasure(measure, records, this.#all)[0];
  }
}

function within(records: readonly StoredRecord[], { from, to }: Range): readonly StoredRecord[] {
  return records.filter(({ timestamp }) => Date.parse(timestamp) >= from && Date.parse(timestamp) < to);
}

function peopleOf(records: readonly StoredRecord[]): ReadonlySet<string> {
  const asked = records.filter((record) => record.kind === 'prompt' || isError(record));
  return new Set(asked.map(({ userId }) => userId).filter((user) => user !== 'anonymous'));
}

function quotient(part: number | null, whole: number | null): number | null {
  return part === null || !whole ? null : part / whole;
}
