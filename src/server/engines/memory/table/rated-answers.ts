import { ratingOfCode, type AnswerRating } from '../../../model/feedback.js';
import type { RecordColumns } from './record-columns.js';

/** Columns, and where the records are. */
export interface FeedbackTable extends RecordColumns {
  readonly first: number;
  readonly end: number;
  has(row: number): boolean;
  rowOfId(id: string): number | undefined;
}

/** Ratings that an answer can have at once: one bit each. */
export const RATING_BITS = { good: 1, bad: 2, neutral: 4 } as const satisfies Record<AnswerRating, number>;

/**
 * Returns how answers are rated now, by row, as {@link RATING_BITS}: the latest rating of each person on an answer counts, unless it was
 * cleared. Ratings of all records count, whatever a query asks for.
 */
export function ratedAnswers(table: FeedbackTable): Uint8Array {
  const { rating, target, user, users } = table;
  const answers = new Uint8Array(table.end);
  const latest = latestByKey(table, (row) =>
    rating[row] === 0 || target[row] === 0 ? undefined : (target[row] ?? 0) * users.limit + (user[row] ?? 0),
  );
  for (const row of latest) {
    const given = ratingOfCode(rating[row] ?? 0);
    const answer = answerOf(table, row);
    if (answer === undefined || given === undefined || given === 'cleared') continue;
    answers[answer] = (answers[answer] ?? 0) | RATING_BITS[given];
  }
  return answers;
}

/** Returns the rows of the latest evaluation of each name and person on each record, among those with a score. */
export function latestScores(table: FeedbackTable): readonly number[] {
  const { evaluation, score, target, user, users, evaluations } = table;
  const latest = latestByKey(table, (row) =>
    evaluation[row] === 0 || target[row] === 0 || Number.isNaN(score[row] ?? Number.NaN)
      ? undefined
      : ((target[row] ?? 0) * evaluations.limit + (evaluation[row] ?? 0)) * users.limit + (user[row] ?? 0),
  );
  return [...latest];
}

/** Returns the row of the answer that an event is about; undefined if that is not stored, or no answer. */
export function answerOf(table: FeedbackTable, row: number): number | undefined {
  const answer = table.rowOfId(table.targets.nameOf(table.target[row] ?? 0));
  return answer === undefined || table.event[answer] !== 0 ? undefined : answer;
}

/** Returns, of the rows with one key, the latest one: by time, then by arrival. Rows without a key are left out. */
function latestByKey(table: FeedbackTable, keyOf: (row: number) => number | undefined): Iterable<number> {
  const { seen } = table;
  const latest = new Map<number, number>();
  for (let row = table.first; row < table.end; row++) {
    const key = keyOf(row);
    // Empty rows keep the numbers of the record that was there.
    if (key === undefined || !table.has(row)) continue;
    const before = latest.get(key);
    if (before === undefined || (seen[row] ?? 0) >= (seen[before] ?? 0)) latest.set(key, row);
  }
  return latest.values();
}
