import type { RecordTable } from '../table/record-table.js';

/** Bits of one radix digit: 2,048 counters fit into the first-level cache. Three digits hold the 31 bits of a float without its sign. */
const DIGIT_BITS = 11;
const DIGITS = 2 ** DIGIT_BITS;

/**
 * Returns the rows with a latency, fastest first. `rows` must ascend.
 *
 * A radix sort over the bits of 32-bit floats: as integers, the bits of non-negative floats have the order of the floats. Rows whose
 * latencies round to the same float are sorted by the latency itself afterwards; they are few. Several times as fast as `sort()` with a
 * comparator for 100,000 rows (test/bench/server.mjs).
 */
export function rowsByLatency({ latency }: RecordTable, rows: Uint32Array): Uint32Array {
  const measured = new Uint32Array(rows.length);
  const floats = new Float32Array(rows.length === 0 ? 0 : (rows.at(-1) ?? 0) + 1);
  let count = 0;
  for (const row of rows) {
    const seconds = latency[row] ?? Number.NaN;
    if (Number.isNaN(seconds)) continue;
    // Not -0, whose bits are the largest.
    floats[row] = seconds > 0 ? seconds : 0;
    measured[count++] = row;
  }
  const keys = new Uint32Array(floats.buffer);
  let sorted = measured.subarray(0, count);
  for (const shift of [0, DIGIT_BITS, 2 * DIGIT_BITS]) sorted = sortByDigit(sorted, keys, shift);
  sortEqualKeys(sorted, keys, latency);
  return sorted;
}

/** Counting sort by one digit. Stable, so that sorting by a high digit keeps the order by the lower ones. */
function sortByDigit(rows: Uint32Array, keys: Uint32Array, shift: number): Uint32Array<ArrayBuffer> {
  const places = new Uint32Array(DIGITS);
  for (const row of rows) {
    const digit = ((keys[row] ?? 0) >>> shift) & (DIGITS - 1);
    places[digit] = (places[digit] ?? 0) + 1;
  }
  let start = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const size = places[digit] ?? 0;
    places[digit] = start;
    start += size;
  }
  const sorted = new Uint32Array(rows.length);
  for (const row of rows) {
    const digit = ((keys[row] ?? 0) >>> shift) & (DIGITS - 1);
    const place = places[digit] ?? 0;
    sorted[place] = row;
    places[digit] = place + 1;
  }
  return sorted;
}

/** Sorts each run of rows with equal keys by latency, if it is out of order. */
function sortEqualKeys(sorted: Uint32Array, keys: Uint32Array, latency: Float64Array): void {
  const at = (row = 0): number => latency[row] ?? 0;
  let start = 0;
  let isOrdered = true;
  for (let i = 1; i <= sorted.length; i++) {
    const isSameRun = i < sorted.length && keys[sorted[i] ?? 0] === keys[sorted[start] ?? 0];
    if (isSameRun) isOrdered &&= at(sorted[i - 1]) <= at(sorted[i]);
    if (isSameRun) continue;
    if (!isOrdered) sorted.subarray(start, i).sort((a, b) => at(a) - at(b));
    start = i;
    isOrdered = true;
  }
}
