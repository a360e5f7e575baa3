import type { ListedRecord, StoredRecord } from './stored-record.js';

export type Feedback = 'positive' | 'negative' | 'other';

const POSITIVE = /^(👍|🙂|😀|up|good|positive|like|yes|true|thumbs[_ -]?up)$/iu;
const NEGATIVE = /^(👎|😞|🙁|down|bad|negative|dislike|no|false|thumbs[_ -]?down)$/iu;

/** Reads an event with feedback in its name, by `score`, `value`, `rating` or `label`. Returns undefined for other records. */
export function feedbackOf(record: ListedRecord): Feedback | undefined {
  if (record.kind !== 'event' || !/feedback/i.test(record.event)) return undefined;
  const { score, value, rating, label, feedback_type: type } = record.properties;
  const given = score ?? value ?? rating ?? label;
  // Faces are scored from -1 to 1, so 0 is neutral. On other scales 0 is the lowest.
  if (given === 0) return type === 'faces' ? 'other' : 'negative';
  if (typeof given === 'number') return given > 0 ? 'positive' : 'negative';
  const text = typeof given === 'string' || typeof given === 'boolean' ? String(given) : '';
  if (POSITIVE.test(text)) return 'positive';
  return NEGATIVE.test(text) ? 'negative' : 'other';
}

const CODES = [undefined, 'positive', 'negative', 'other'] as const;

/** Returns {@link feedbackOf} as a number, for a column; 0 for records that are no feedback. */
export function feedbackCode(record: ListedRecord): number {
  return CODES.indexOf(feedbackOf(record));
}

/** Inverse of {@link feedbackCode}. */
export function feedbackOfCode(code: number): Feedback | undefined {
  return CODES[code];
}

/** Returns the id of the record that an event gives feedback on; undefined for other records. */
export function feedbackTarget(record: ListedRecord): string | undefined {
  const id = record.properties['record_id'];
  return feedbackOf(record) !== undefined && typeof id === 'string' && id !== '' ? id : undefined;
}

const NONE: readonly StoredRecord[] = [];

/** Feedback events, by the id of the record that they are about. */
export class FeedbackIndex {
  readonly #byTarget = new Map<string, StoredRecord[]>();

  /** Adds the feedback events among `records`. An event that was delivered again replaces the earlier one. */
  add(records: readonly StoredRecord[]): void {
    for (const record of records) {
      const target = feedbackTarget(record);
      if (target === undefined) continue;
      const others = this.#byTarget.get(target)?.filter(({ id }) => id !== record.id) ?? [];
      this.#byTarget.set(target, [...others, record]);
    }
  }

  /** Returns the feedback on a record, in order of arrival. */
  forRecord(recordId: string): readonly StoredRecord[] {
    return this.#byTarget.get(recordId) ?? NONE;
  }
}
