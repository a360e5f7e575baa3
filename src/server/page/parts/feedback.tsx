import { countFeedback } from '../../model/current-feedback.js';
import { evaluationOf, feedbackOf, givenRating, isReview, type Evaluation } from '../../model/feedback.js';
import type { ListedRecord, StoredRecord } from '../../model/stored-record.js';
import { formatCount, formatScore } from '../data/format.js';
import { numberProperty, textProperty } from '../data/record-fields.js';
import { visibleText } from '../data/visible-text.js';

const NAMES = { positive: 'Positive feedback', negative: 'Negative feedback', other: 'Feedback' } as const;

const THUMB =
  'M2 7h2.5v7H2zM6 7l2.6-5.2c1 0 1.8.8 1.8 1.8V6h3c.8 0 1.4.7 1.2 1.5l-1.2 5.4c-.1.7-.7 1.1-1.4 1.1H6z';
const BUBBLE = 'M2 3h12v8H7.5L4 14v-3H2z';
/** A gauge: an evaluation has a score of unknown scale, not a thumb. */
const GAUGE = 'M2 13a6 6 0 1 1 12 0h-2.2a3.8 3.8 0 0 0-2.3-3.5L8.7 13H7.3l.8-3.8A3.8 3.8 0 0 0 4.2 13z';

/** One icon for each thumb, comment and evaluation that counts now, see `countFeedback()`. */
export function FeedbackMarks({ events }: { readonly events: readonly StoredRecord[] }) {
  return (
    <>
      {countFeedback(events).current.map((event) => (
        <FeedbackMark key={event.id} event={event} />
      ))}
    </>
  );
}

/** The icon of one event. The icons are SVG paths because not every machine has a font with these emoji. */
export function FeedbackMark({ event }: { readonly event: ListedRecord }) {
  const evaluation = evaluationOf(event);
  if (evaluation) return <EvaluationMark evaluation={evaluation} />;
  const rating = feedbackOf(event) ?? 'other';
  const name = isReview(event) ? `Review: ${NAMES[rating].toLowerCase()}` : NAMES[rating];
  const comment = textProperty(event, 'comment');
  return (
    <span class="mark" data-feedback={rating} title={comment ? `${name}: ${comment}` : name}>
      <svg viewBox="0 0 16 16" width="14" height="14" role="img" aria-label={name}>
        <path d={rating === 'other' ? BUBBLE : THUMB} />
      </svg>
    </span>
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

/** Feedback and evaluations on one answer, with their user, score and comment. What no longer counts is folded. */
export function FeedbackList({ events }: { readonly events: readonly StoredRecord[] }) {
  const { current, replaced } = countFeedback(events);
  return (
    <>
      <FeedbackItems events={current} />
      {replaced.length > 0 && (
        <details class="replaced-feedback">
          <summary class="muted">{formatCount(replaced.length, 'replaced or cleared rating')}</summary>
          <FeedbackItems events={replaced} />
        </details>
      )}
    </>
  );
}

/** Feedback events as they were sent. */
export function FeedbackItems({ events }: { readonly events: readonly ListedRecord[] }) {
  if (events.length === 0) return null;
  return (
    <ul class="feedback">
      {events.map((event) => (
        <li key={event.id} data-feedback={feedbackOf(event)}>
          <FeedbackMark event={event} />
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
        {evaluationText(evaluation)} <span class="muted">· {visibleText(event.userId)}</span>
      </span>
    );
  const isShownByIcon = ['thumbs', 'faces'].includes(textProperty(event, 'feedback_type') ?? '');
  const score = numberProperty(event, 'score') ?? textProperty(event, 'score');
  const facts = isShownByIcon
    ? []
    : [textProperty(event, 'label'), score === undefined ? undefined : `score ${score}`].filter(Boolean);
  const kind = [isReview(event) && 'reviewer', givenRating(event) === 'cleared' && 'rating taken back'];
  return (
    <span class="muted">{[visibleText(event.userId), ...kind, ...facts].filter(Boolean).join(' · ')}</span>
  );
}

function commentOf(event: ListedRecord): string | undefined {
  return evaluationOf(event)?.explanation ?? textProperty(event, 'comment');
}
