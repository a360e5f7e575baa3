import { feedbackOf } from '../../model/feedback.js';
import type { StoredRecord } from '../../model/stored-record.js';
import { numberProperty, textProperty } from '../data/format.js';

const NAMES = { positive: 'Positive feedback', negative: 'Negative feedback', other: 'Feedback' } as const;

const THUMB =
  'M2 7h2.5v7H2zM6 7l2.6-5.2c1 0 1.8.8 1.8 1.8V6h3c.8 0 1.4.7 1.2 1.5l-1.2 5.4c-.1.7-.7 1.1-1.4 1.1H6z';
const BUBBLE = 'M2 3h12v8H7.5L4 14v-3H2z';

/** One sign for each, for a row. Drawn, because not every machine has a font with them. */
export function FeedbackMarks({ events }: { readonly events: readonly StoredRecord[] }) {
  return (
    <>
      {events.map((event) => {
        const given = feedbackOf(event) ?? 'other';
        const comment = textProperty(event, 'comment');
        const title = comment ? `${NAMES[given]}: ${comment}` : NAMES[given];
        return (
          <span key={event.id} class="mark" data-feedback={given} title={title}>
            <svg viewBox="0 0 16 16" width="14" height="14" role="img" aria-label={NAMES[given]}>
              <path d={given === 'other' ? BUBBLE : THUMB} />
            </svg>
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

/** Thumbs and faces are shown by the sign already. */
function saidBy(event: StoredRecord) {
  const isSign = ['thumbs', 'faces'].includes(textProperty(event, 'feedback_type') ?? '');
  const score = numberProperty(event, 'score') ?? textProperty(event, 'score');
  const facts = isSign
    ? []
    : [textProperty(event, 'label'), score === undefined ? undefined : `score ${score}`].filter(Boolean);
  return <span class="muted">{[event.userId, ...facts].join(' · ')}</span>;
}
