import { feedbackOf } from '../../model/feedback.js';
import type { ListedRecord } from '../../model/stored-record.js';
import { numberProperty, textProperty } from '../data/record-fields.js';

const NAMES = { positive: 'Positive feedback', negative: 'Negative feedback', other: 'Feedback' } as const;

const THUMB =
  'M2 7h2.5v7H2zM6 7l2.6-5.2c1 0 1.8.8 1.8 1.8V6h3c.8 0 1.4.7 1.2 1.5l-1.2 5.4c-.1.7-.7 1.1-1.4 1.1H6z';
const BUBBLE = 'M2 3h12v8H7.5L4 14v-3H2z';

/** One icon per feedback event. The icons are SVG paths because not every machine has a font with these emoji. */
export function FeedbackMarks({ events }: { readonly events: readonly ListedRecord[] }) {
  return (
    <>
      {events.map((event) => {
        const rating = feedbackOf(event) ?? 'other';
        const comment = textProperty(event, 'comment');
        const title = comment ? `${NAMES[rating]}: ${comment}` : NAMES[rating];
        return (
          <span key={event.id} class="mark" data-feedback={rating} title={title}>
            <svg viewBox="0 0 16 16" width="14" height="14" role="img" aria-label={NAMES[rating]}>
              <path d={rating === 'other' ? BUBBLE : THUMB} />
            </svg>
          </span>
        );
      })}
    </>
  );
}

/** Feedback events with their user, score and comment. */
export function FeedbackList({ events }: { readonly events: readonly ListedRecord[] }) {
  if (events.length === 0) return null;
  return (
    <ul class="feedback">
      {events.map((event) => (
        <li key={event.id} data-feedback={feedbackOf(event)}>
          <FeedbackMarks events={[event]} />
          <span>
            {feedbackSource(event)}
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

/** Returns user, label and score. Thumbs and faces have no label and score here: the icon shows them. */
function feedbackSource(event: ListedRecord) {
  const isShownByIcon = ['thumbs', 'faces'].includes(textProperty(event, 'feedback_type') ?? '');
  const score = numberProperty(event, 'score') ?? textProperty(event, 'score');
  const facts = isShownByIcon
    ? []
    : [textProperty(event, 'label'), score === undefined ? undefined : `score ${score}`].filter(Boolean);
  return <span class="muted">{[event.userId, ...facts].join(' · ')}</span>;
}
