import { evaluationOf, givenRating, isReview } from './feedback.js';
import { isTimePlausible } from './record-time.js';
import type { StoredRecord } from './stored-record.js';

/** Feedback on one answer, in the order in which it was given. */
export interface CountedFeedback<Event> {
  /** Feedback that counts now: without cleared ratings, and without those in `replaced`. */
  readonly current: readonly Event[];
  /** Ratings that a person has replaced or cleared, what cleared them, and evaluations that were repeated. */
  readonly replaced: readonly Event[];
}

/**
 * Divides the feedback on one answer. Of each person the latest rating counts, of each reviewer the latest of theirs, and of each evaluation
 * the latest score: by time, then by arrival. Comments without a rating all count.
 */
export function countFeedback<Event extends StoredRecord>(events: readonly Event[]): CountedFeedback<Event> {
  const sorted = [...events].sort((a, b) => timeOf(a) - timeOf(b) || a.seq - b.seq);
  const latest = new Map(sorted.map((event) => [subjectOf(event), event]));
  const isCurrent = (event: Event): boolean =>
    latest.get(subjectOf(event)) === event && givenRating(event) !== 'cleared';
  return {
    current: sorted.filter(isCurrent),
    replaced: sorted.filter((event) => !isCurrent(event)),
  };
}

/** Returns a text that is the same for events of which only the latest counts. */
function subjectOf(event: StoredRecord): string {
  const evaluation = evaluationOf(event);
  if (evaluation)
    return JSON.stringify(
      evaluation.score === undefined ? [event.id] : ['evaluation', event.userId, evaluation.name],
    );
  const kind = isReview(event) ? 'review' : 'rating';
  return JSON.stringify(givenRating(event) === undefined ? [event.id] : [kind, event.userId]);
}

/** Returns the time of an event in milliseconds; that of its arrival if its own is not plausible. */
function timeOf(event: StoredRecord): number {
  return Date.parse(isTimePlausible(event) ? event.timestamp : event.receivedAt);
}
