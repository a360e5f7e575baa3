import { feedbackOf } from '../../feedback.js';
import type { StoredRecord } from '../../stored-record.js';
import { numberProperty, textProperty } from '../data/format.js';

const MARKS = {
  positive: { sign: '👍', name: 'Positive feedback' },
  negative: { sign: '👎', name: 'Negative feedback' },
  other: { sign: '💬', name: 'Feedback' },
} as const;

/** One sign for each, for a row. */
export function FeedbackMarks({ events }: { readonly events: readonly StoredRecord[] }) {
  return (
    <>
      {events.map((event) => {
        const { sign, name } = MARKS[feedbackOf(event) ?? 'other'];
        const comment = textProperty(event, 'comment');
        return (
          <span
            key={event.id}
            class="mark"
            role="img"
            aria-label={name}
            title={comment ? `${name}: ${comment}` : name}
          >
            {sign}
          </span>
        );
      })}
    </>
  );
}

/** What people said of an answer, in full. */
export function FeedbackList({ events }: { readonly events: readonly StoredRecord[] }) {
  if (events.length === 0) return null;
  return (
    <ul class="feedback">
      {events.map((event) => (
        <li key={event.id} data-feedback={feedbackOf(event)}>
          <FeedbackMarks events={[event]} />
          <span>
            {saidBy(event)}
            {textProperty(event, 'comment') && (
              <span class="text" dir="auto">
                {textProperty(event, 'comment')}
              </span>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

function saidBy(event: StoredRecord) {
  const score = numberProperty(event, 'score') ?? textProperty(event, 'score');
  const facts = [textProperty(event, 'label'), score === undefined ? undefined : `score ${score}`];
  return <span class="muted">{[event.userId, ...facts.filter(Boolean)].join(' · ')}</span>;
}
