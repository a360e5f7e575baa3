import { evaluationOf, feedbackOf, type Evaluation } from '../../model/feedback.js';
import type { ListedRecord } from '../../model/stored-record.js';
import { formatScore } from '../data/format.js';
import { numberProperty, textProperty } from '../data/record-fields.js';

const NAMES = { positive: 'Positive feedback', negative: 'Negative feedback', other: 'Feedback' } as const;

const THUMB =
  'M2 7h2.5v7H2zM6 7l2.6-5.2c1 0 1.8.8 1.8 1.8V6h3c.8 0 1.4.7 1.2 1.5l-1.2 5.4c-.1.7-.7 1.1-1.4 1.1H6z';
const BUBBLE = 'M2 3h12v8H7.5L4 14v-3H2z';
/** A gauge: an evaluation has a score of unknown scale, not a thumb. */
const GAUGE = 'M2 13a6 6 0 1 1 12 0h-2.2a3.8 3.8 0 0 0-2.3-3.5L8.7 13H7.3l.8-3.8A3.8 3.8 0 0 0 4.2 13z';

/** One icon per feedback event. The icons are SVG paths because not every machine has a font with these emoji. */
export function FeedbackMarks({ events }: { readonly events: readonly ListedRecord[] }) {
  return (
    <>
      {events.map((event) => {
        const evaluation = evaluationOf(event);
        if (evaluation) return <EvaluationMark key={event.id} evaluation={evaluation} />;
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

/** Returns an evaluation as `faithfulness 0.1 · unfaithful`. */
export function evaluationText({ name, score, label }: Evaluation): string {
  const number = score === undefined ? '' : ` ${formatScore(score)}`;
  return [`${name}${number}`, label].filter(Boolean).join(' · ');
}

function EvaluationMark({ evaluation }: { readonly evaluation: Evaluation }) {
  const text = evaluationText(evaluation);
  const title = evaluation.explanation === undefined ? text : `${text}: ${evaluation.explanation}`;
  return (
    <span class="mark" data-feedback="evaluation" title={title}>
      <svg viewBox="0 0 16 16" width="14" height="14" role="img" aria-label={`Evaluation ${text}`}>
        <path d={GAUGE} />
      </svg>
    </span>
  );
}

/** Feedback events and evaluations with their user, score and comment. */
export function FeedbackList({ events }: { readonly events: readonly ListedRecord[] }) {
  if (events.length === 0) return null;
  return (
    <ul class="feedback">
      {events.map((event) => (
        <li key={event.id} data-feedback={feedbackOf(event)}>
          <FeedbackMarks events={[event]} />
          <span>
            {feedbackSource(event)}
            {commentOf(event) && (
              <span class="text" dir="auto">
                {commentOf(event)}
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
  const evaluation = evaluationOf(event);
  if (evaluation)
    return (
      <span>
        {evaluationText(evaluation)} <span class="muted">· {event.userId}</span>
      </span>
    );
  const isShownByIcon = ['thumbs', 'faces'].includes(textProperty(event, 'feedback_type') ?? '');
  const score = numberProperty(event, 'score') ?? textProperty(event, 'score');
  const facts = isShownByIcon
    ? []
    : [textProperty(event, 'label'), score === undefined ? undefined : `score ${score}`].filter(Boolean);
  return <span class="muted">{[event.userId, ...facts].join(' · ')}</span>;
}

function commentOf(event: ListedRecord): string | undefined {
  return evaluationOf(event)?.explanation ?? textProperty(event, 'comment');
}
