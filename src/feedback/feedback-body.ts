import { scoreOf, type FeedbackInput } from '../records/feedback/to-feedback-event.js';
import { isRecord, parseJson } from '../common/unknown-values.js';

/** Text fields, and their longest accepted length. */
const MAX_LENGTHS = {
  recordId: 200,
  runId: 200,
  threadId: 1_000,
  userId: 1_000,
  label: 200,
  comment: 10_000,
  component: 200,
} as const;

/** Fields that say what the feedback is about. */
const TARGETS = ['recordId', 'runId', 'threadId'] as const;

/** Returns the feedback in a request's body, or a message for the sender if there is something wrong. */
export function readFeedback(
  body: string,
): { readonly feedback: FeedbackInput } | { readonly error: string } {
  const given = parseJson(body);
  if (!isRecord(given)) return { error: 'The body must be a JSON object.' };
  const unknown = Object.keys(given).find((name) => name !== 'score' && !Object.hasOwn(MAX_LENGTHS, name));
  if (unknown !== undefined)
    return {
      error: `There is no field "${unknown.slice(0, 60)}". Fields are: score, ${Object.keys(MAX_LENGTHS).join(', ')}.`,
    };
  const feedback: Record<string, unknown> = {};
  for (const [name, maxLength] of Object.entries(MAX_LENGTHS)) {
    const value = given[name];
    if (value === undefined || value === null || value === '') continue;
    if (typeof value !== 'string' || value.length > maxLength)
      return { error: `"${name}" must be a text of at most ${maxLength} characters.` };
    feedback[name] = value;
  }
  const { score } = given;
  if (score !== undefined && score !== null) {
    if (scoreOf(score) === undefined)
      return { error: '"score" must be a number, true, false, a thumb or a face.' };
    feedback.score = score;
  }
  if (TARGETS.every((name) => feedback[name] === undefined))
    return { error: 'Say what the feedback is about: "recordId", "runId" or "threadId".' };
  const isEmpty = [feedback.score, feedback.label, feedback.comment].every((value) => value === undefined);
  // A second click on a thumb takes it back.
  if (isEmpty && score === null) feedback.score = null;
  else if (isEmpty) return { error: 'Say something: "score", "label" or "comment".' };
  return { feedback };
}
