import { nthSmallest } from './nth-smallest.js';

/**
 * Rows in slots: one for each group, or for each time step of a group. A row can be in several slots, but in each only once. A slot is a place
 * in the list of numbers that are counted.
 */
export class Placement {
  /** Rows, and at the same place their slots. A row that is in several has its places next to each other. */
  readonly rows: Uint32Array;
  readonly slots: Uint32Array;
  /** Number of slots. */
  readonly size: number;
  /** Returns the slot of what another model did in a turn. Undefined unless slots are models. */
  readonly slotOfModel: ((place: number, model: number) => number) | undefined;
  #bySlot: RowsBySlot | undefined;

  constructor(
    rows: Uint32Array,
    slots: Uint32Array,
    size: number,
    slotOfModel?: (place: number, model: number) => number,
  ) {
    this.rows = rows;
    this.slots = slots;
    this.size = size;
    this.slotOfModel = slotOfModel;
  }

  /** Rows slot by slot, by a counting sort. */
  get bySlot(): RowsBySlot {
    return (this.#bySlot ??= sortBySlot(this));
  }
}

export interface RowsBySlot {
  readonly rows: Uint32Array;
  /** Place of the first row of each slot, and the end of the last. */
  readonly starts: Uint32Array;
}

function sortBySlot({ rows, slots, size }: Placement): RowsBySlot {
  const starts = new Uint32Array(size + 1);
  // By number: iterators over typed arrays take several times as long (test/bench/server-answers.mjs).
  for (let place = 0; place < slots.length; place++) {
    const slot = slots[place] ?? 0;
    starts[slot + 1] = (starts[slot + 1] ?? 0) + 1;
  }
  for (let slot = 0; slot < size; slot++) starts[slot + 1] = (starts[slot + 1] ?? 0) + (starts[slot] ?? 0);
  const next = starts.slice();
  const sorted = new Uint32Array(rows.length);
  for (let place = 0; place < rows.length; place++) {
    const slot = slots[place] ?? 0;
    const to = next[slot] ?? 0;
    sorted[to] = rows[place] ?? 0;
    next[slot] = to + 1;
  }
  return { rows: sorted, starts };
}

/** Returns the sum of an amount of each row, for each slot. */
export function sums({ rows, slots, size }: Placement, amountOf: (row: number) => number): Float64Array {
  const result = new Float64Array(size);
  for (let place = 0; place < rows.length; place++) {
    const slot = slots[place] ?? 0;
    result[slot] = (result[slot] ?? 0) + amountOf(rows[place] ?? 0);
  }
  return result;
}

/** Returns how many different numbers above 0 a column has in each slot, at the rows that pass. `limit` is above all of them. */
export function distinct(
  { bySlot: { rows, starts }, size }: Placement,
  column: Uint32Array,
  limit: number,
  passes?: (row: number) => boolean,
): Uint32Array {
  const counts = new Uint32Array(size);
  /** The slot, plus 1, in which a number was counted last. */
  const counted = new Uint32Array(limit);
  for (let slot = 0; slot < size; slot++) {
    const end = starts[slot + 1] ?? 0;
    for (let place = starts[slot] ?? 0; place < end; place++) {
      const row = rows[place] ?? 0;
      const id = column[row] ?? 0;
      if (id === 0 || counted[id] === slot + 1 || (passes && !passes(row))) continue;
      counted[id] = slot + 1;
      counts[slot] = (counts[slot] ?? 0) + 1;
    }
  }
  return counts;
}

/** Numbers of a slot that were measured. */
export interface SlotNumbers {
  readonly n: number;
  /** The value at index ceil(p * n) of the sorted numbers, counted from 1; null without any. */
  readonly percentile: number | null;
}

/** Returns a percentile of the numbers in each slot. NaN is no number. */
export function percentiles(
  { bySlot: { rows, starts }, size }: Placement,
  numbers: Float64Array,
  percent: number,
): SlotNumbers[] {
  const buffer = new Float64Array(rows.length);
  return Array.from({ length: size }, (_, slot) => {
    let n = 0;
    const end = starts[slot + 1] ?? 0;
    for (let place = starts[slot] ?? 0; place < end; place++) {
      const value = numbers[rows[place] ?? 0] ?? Number.NaN;
      if (!Number.isNaN(value)) buffer[n++] = value;
    }
    // No negative zero, which a database may not have.
    const value = nthSmallest(buffer.subarray(0, n), Math.ceil((percent * n) / 100) - 1);
    return { n, percentile: value === undefined ? null : value + 0 };
  });
}
