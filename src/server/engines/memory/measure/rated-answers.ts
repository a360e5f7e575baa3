import { ratingOfCode } from '../../../model/feedback.js';
import type { RecordTable } from '../table/record-table.js';
import { BAD, RATED } from './measure-slots.js';

/**
 * Returns which answers are rated now, by row: the latest rating of each person on an answer counts, unless it was cleared. An answer is bad if
 * one of them is. Ratings of all records count, whatever a query asks for.
 *
 * @param rowOf the row of a record
 */
export function ratedAnswers(table: RecordTable, rowOf: (id: string) => number | undefined): Uint8Array {
  const answers = new Uint8Array(table.end);
  for (const row of latestRatings(table)) {
    const rating = ratingOfCode(table.rating[row] ?? 0);
    const answer = rowOf(table.targets.nameOf(table.target[row] ?? 0));
    if (answer === undefined || rating === 'cleared' || table.event[answer] !== 0) continue;
    answers[answer] = rating === 'bad' || answers[answer] === BAD ? BAD : RATED;
  }
  return answers;
}

/** Returns the row of the latest rating of each person on each record: by time, then by arrival. */
function latestRatings(table: RecordTable): Iterable<number> {
  const { rating, target, user, users, seen } = table;
  const latest = new Map<number, number>();
  for (let row = table.first; row < table.end; row++) {
    // Empty rows keep the numbers of the record that was there.
    if (rating[row] === 0 || target[row] === 0 || !table.has(row)) continue;
    const key = (target[row] ?? 0) * users.limit + (user[row] ?? 0);
    const before = latest.get(key);
    if (before === undefined || (seen[row] ?? 0) >= (seen[before] ?? 0)) latest.set(key, row);
  }
  return latest.values();
}
