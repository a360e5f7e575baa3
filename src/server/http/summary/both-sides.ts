import { ANONYMOUS } from '../../../records/model/prompt-record.js';
import { HISTORY_CUT } from '../../engines/history.js';
import { measureEach } from '../../engines/measure-each.js';
import type { RecordStore } from '../../engines/record-store.js';
import { measuredPair, type MeasuredPair } from '../../insights/summary/measured.js';
import { flowOf } from '../../insights/summary/people-summary.js';
import type { PeopleFlow } from '../../insights/summary/summary.js';
import type { Dimension, Grouping } from '../../model/measure/dimensions.js';
import type { MeasureAnswer, MeasureSteps } from '../../model/measure/measure-answer.js';
import type { MeasureName, TimeStep } from '../../query/measure-request.js';
import { resolveTime, type RecordQuery } from '../../query/record-query.js';
import { within, type ComparedSides } from '../measure/compared-sides.js';

/** Groups of each side that are compared. */
const MAX_COMPARED = 1000;
const HOUR = 3_600_000;
/** Steps of the small plots: hours up to two days, days up to three months, then weeks. */
const LONGEST_IN_HOURS = 48 * HOUR;
const LONGEST_IN_DAYS = 93 * 24 * HOUR;

/** Answers to the same request for both sides. */
export type Answers = readonly [current: MeasureAnswer, before: MeasureAnswer];

/** Numbers of all records of each side. */
export interface Totals {
  readonly pair: MeasuredPair;
  readonly steps: MeasureSteps;
  /** Returns a measure in each step of the current side. */
  readonly series: (measure: MeasureName) => readonly (number | null)[];
}

/** Asks a store for the same measures of both sides. */
export class BothSides {
  readonly #store: RecordStore;
  readonly #sides: ComparedSides;
  readonly #timeZone: string;

  constructor(store: RecordStore, sides: ComparedSides, timeZone: string) {
    this.#store = store;
    this.#sides = sides;
    this.#timeZone = timeZone;
  }

  /** @param inSteps whether the current side is also measured step by step */
  async totals(measures: readonly MeasureName[], inSteps: boolean): Promise<Totals> {
    const { current, before } = this.#sides;
    const request = { measures, timeZone: this.#timeZone };
    const step = stepFor(lengthOf(current));
    const [now, then] = await Promise.all([
      this.#store.measure(current, inSteps ? { ...request, step } : request),
      this.#store.measure(before, request),
    ]);
    const noSteps = { step, timeZone: this.#timeZone, at: [], end: 0, outside: 0 };
    return {
      pair: measuredPair(measures, now.total, then.total),
      steps: now.steps ?? noSteps,
      series: (measure) => now.total.series?.[measures.indexOf(measure)] ?? [],
    };
  }

  /** @param also a query that records have to match as well */
  groups(by: Grouping, measures: readonly MeasureName[], also: RecordQuery = {}): Promise<Answers> {
    const request = { measures, by, limit: MAX_COMPARED };
    const ask = (query: RecordQuery) => this.#store.measure(both(query, also), request);
    return Promise.all([ask(this.#sides.current), ask(this.#sides.before)]);
  }

  /** The groups of several dimensions. */
  async groupsEach(
    dimensions: readonly Grouping[],
    measures: readonly MeasureName[],
  ): Promise<readonly Answers[]> {
    const requests = dimensions.map((by) => ({ measures, by, limit: MAX_COMPARED }));
    const { current, before } = this.#sides;
    const [now, then] = await Promise.all([
      measureEach(this.#store, current, requests),
      measureEach(this.#store, before, requests),
    ]);
    return now.flatMap((answer, place): Answers[] => {
      const other = then[place];
      return other ? [[answer, other]] : [];
    });
  }

  /** The largest groups of the current side. */
  currentGroups(by: Dimension, measures: readonly MeasureName[], limit: number): Promise<MeasureAnswer> {
    return this.#store.measure(this.#sides.current, { measures, by, limit });
  }

  /** Requests of nobody. */
  async anonymous(): Promise<ReturnType<MeasuredPair['change']>> {
    const request = { measures: ['requests'] as const };
    const ask = (query: RecordQuery) => this.#store.measure(both(query, { users: [ANONYMOUS] }), request);
    const [now, then] = await Promise.all([ask(this.#sides.current), ask(this.#sides.before)]);
    return measuredPair(request.measures, now.total, then.total).change('requests');
  }

  /** Flow of people between the two periods; null if filters are compared. */
  async flow(totals: MeasuredPair): Promise<PeopleFlow | null> {
    const { current: query, periods } = this.#sides;
    if (!periods) return null;
    const { current, before } = periods;
    const gap = before.to < current.from ? [within({}, { from: before.to, to: current.from })] : [];
    const either = within(query, { from: before.from, to: current.to });
    const [inEither, untilEnd, untilStart, cut] = await Promise.all([
      this.#people({ ...either, not: [...(either.not ?? []), ...gap] }),
      this.#people(upTo(query, current.to)),
      this.#people(upTo(query, current.from)),
      this.#store.documents.get(HISTORY_CUT.kind, HISTORY_CUT.name),
    ]);
    const counts = {
      current: totals.now('people').value ?? 0,
      before: totals.before('people').value ?? 0,
      either: inEither,
      everUntilEnd: untilEnd,
      everUntilStart: untilStart,
    };
    return flowOf(counts, cut !== undefined);
  }

  async #people(query: RecordQuery): Promise<number> {
    const { total } = await this.#store.measure(query, { measures: ['people'] });
    return total.values[0] ?? 0;
  }
}

/** Returns the query for records that match both. */
function both(query: RecordQuery, also: RecordQuery): RecordQuery {
  return Object.keys(also).length === 0 ? query : { ...query, not: [...(query.not ?? []), { not: [also] }] };
}

function upTo({ since: _since, ...query }: RecordQuery, end: number): RecordQuery {
  return { ...query, until: { at: end - 1 } };
}

function lengthOf({ since, until }: RecordQuery): number {
  const now = Date.now();
  return since ? (until ? resolveTime(until, now) : now) - resolveTime(since, now) : Infinity;
}

function stepFor(lengthMs: number): TimeStep {
  if (lengthMs <= LONGEST_IN_HOURS) return 'hour';
  return lengthMs <= LONGEST_IN_DAYS ? 'day' : 'week';
}
