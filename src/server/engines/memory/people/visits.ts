import { ANONYMOUS } from '../../../../records/model/prompt-record.js';
import { isPropertyDimension, propertyOf } from '../../../model/measure/dimensions.js';
import { bucketAt, type TimeBuckets } from '../../../model/time-buckets.js';
import type { ActorKind } from '../../../query/people-request.js';
import type { RecordTable } from '../table/record-table.js';

/** Actors by row, as numbers from 1; 0 for a row of nobody. */
export interface Actors {
  readonly ids: Uint32Array;
  /** One more than the highest number. */
  readonly limit: number;
  /** A number that stands for nobody as well. */
  readonly nobody: number;
}

export function actorsOf(table: RecordTable, by: ActorKind): Actors {
  if (!isPropertyDimension(by))
    return { ids: table.user, limit: table.users.limit, nobody: table.users.find(ANONYMOUS) ?? 0 };
  const { ids, texts } = table.property(propertyOf(by));
  return { ids, limit: texts.length, nobody: 0 };
}

/** Returns when the first of the rows was seen; undefined without rows. */
export function firstSeen({ seen }: RecordTable, rows: Uint32Array): number | undefined {
  let first = Infinity;
  for (const row of rows) first = Math.min(first, seen[row] ?? Infinity);
  return first === Infinity ? undefined : first;
}

/** In which periods actors were active: a bit for each actor and period. */
export class Visits {
  readonly actors: number;
  readonly periods: number;
  /** When each actor was seen first, ever; Infinity for one that was not. */
  readonly first: Float64Array;
  readonly prompts: Uint32Array;
  readonly unattributed: Uint32Array;
  readonly #words: number;
  readonly #bits: Uint32Array;

  constructor(table: RecordTable, rows: Uint32Array, { ids, limit, nobody }: Actors, periods: TimeBuckets) {
    this.actors = limit;
    this.periods = periods.at.length;
    this.first = new Float64Array(limit).fill(Infinity);
    this.prompts = new Uint32Array(this.periods);
    this.unattributed = new Uint32Array(this.periods);
    this.#words = Math.ceil(this.periods / 32);
    this.#bits = new Uint32Array(limit * this.#words);
    for (const row of rows) {
      const actor = ids[row] ?? 0;
      const at = table.seen[row] ?? 0;
      const period = bucketAt(periods, at);
      const isNobody = actor === 0 || actor === nobody;
      if (period < this.periods) this.#count(period, isNobody);
      if (isNobody) continue;
      if (at < (this.first[actor] ?? 0)) this.first[actor] = at;
      if (period < this.periods) this.#mark(actor, period);
    }
  }

  isActive(actor: number, period: number): boolean {
    const word = this.#bits[actor * this.#words + (period >>> 5)] ?? 0;
    return ((word >>> (period & 31)) & 1) === 1;
  }

  #mark(actor: number, period: number): void {
    const place = actor * this.#words + (period >>> 5);
    this.#bits[place] = (this.#bits[place] ?? 0) | (1 << (period & 31));
  }

  #count(period: number, isNobody: boolean): void {
    this.prompts[period] = (this.prompts[period] ?? 0) + 1;
    if (isNobody) this.unattributed[period] = (this.unattributed[period] ?? 0) + 1;
  }
}
