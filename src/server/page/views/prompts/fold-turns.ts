import { turnOf, type StoredRecord } from '../../../model/stored-record.js';

/** A row of the list. */
export interface ListRow {
  readonly record: StoredRecord;
  /** Number of listed calls that belong to the record, which is a turn. */
  readonly calls: number;
  /** True if its calls follow as rows. */
  readonly isUnfolded: boolean;
  /** True for a call below its turn. */
  readonly isCall: boolean;
}

/**
 * Returns the rows of a list: the calls of a turn are part of the row of the turn, or follow it in order of time if the turn is in `unfolded`
 * or one of them is `marked`. A call whose turn is not listed has a row of its own.
 */
export function foldTurns(
  records: readonly StoredRecord[],
  unfolded: ReadonlySet<string>,
  marked: string | null,
): readonly ListRow[] {
  const ids = new Set(records.map(({ id }) => id));
  const callsOf = new Map<string, StoredRecord[]>();
  for (const record of records) {
    const turn = turnOf(record);
    if (turn === undefined || turn === record.id || !ids.has(turn)) continue;
    const calls = callsOf.get(turn);
    if (calls) calls.push(record);
    else callsOf.set(turn, [record]);
  }
  const folded = new Set([...callsOf.values()].flat());
  return records.flatMap((record) => {
    if (folded.has(record)) return [];
    const calls = callsOf.get(record.id) ?? [];
    const isUnfolded = calls.length > 0 && (unfolded.has(record.id) || calls.some(({ id }) => id === marked));
    const row = { record, calls: calls.length, isUnfolded, isCall: false };
    if (!isUnfolded) return [row];
    const rows = calls
      .sort(byTime)
      .map((call) => ({ record: call, calls: 0, isUnfolded: false, isCall: true }));
    return [row, ...rows];
  });
}

function byTime(a: StoredRecord, b: StoredRecord): number {
  return a.timestamp.localeCompare(b.timestamp) || a.seq - b.seq;
}
