import { feedbackTarget } from '../../model/feedback.js';
import type { StoredRecord } from '../../model/stored-record.js';

const NONE: readonly StoredRecord[] = [];

/** Feedback events by the record that they are about. */
export class FeedbackIndex {
  readonly #byTarget = new Map<string, StoredRecord[]>();

  /** Takes from any records those that give feedback. */
  add(records: readonly StoredRecord[]): void {
    for (const record of records) {
      const target = feedbackTarget(record);
      if (target === undefined) continue;
      const others = this.#byTarget.get(target)?.filter(({ id }) => id !== record.id) ?? [];
      this.#byTarget.set(target, [...others, record]);
    }
  }

  /** In the order in which it came. */
  on(recordId: string): readonly StoredRecord[] {
    return this.#byTarget.get(recordId) ?? NONE;
  }
}
