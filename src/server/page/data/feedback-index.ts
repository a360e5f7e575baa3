import { feedbackTarget } from '../../model/feedback.js';
import type { StoredRecord } from '../../model/stored-record.js';

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
