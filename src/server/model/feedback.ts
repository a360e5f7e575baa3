import type { PropertyValue } from '../../records/model/prompt-record.js';
import { toNumber } from './measures.js';
import type { ListedRecord, StoredRecord } from './stored-record.js';

export type Feedback = 'positive' | 'negative' | 'other';

/** Score of an answer by a program, or by a person in a form. It is no thumb, whatever its score: no scale is known of it. */
export interface Evaluation {
  readonly name: string;
  readonly score?: number;
  readonly label?: string;
  readonly explanation?: string;
}

type Properties = ListedRecord['properties'];

const POSITIVE =
  /^(👍|🙂|😀|up|good|great|positive|like|liked|yes|true|pass|passed|correct|helpful|accepted?|thumbs[_ -]?up)$/iu;
const NEGATIVE =
  /^(👎|😞|🙁|down|bad|poor|negative|dislike|disliked|no|false|fail|failed|incorrect|wrong|unhelpful|rejected?|thumbs[_ -]?down)$/iu;
/** Skin tones, and the character that asks for an emoji in colour: keyboards of phones add them. */
const EMOJI_VARIATION = /\p{Emoji_Modifier}|\uFE0F/gu;
/** Properties that hold a number or a word, the first that is there counts. */
const VALUES = ['score', 'value', 'rating'] as const;
/** Largest values of the scales that are guessed if the maximum is not given: stars, grades, percent. */
const SCALES = [5, 10, 100];

/**
 * Returns what an event of feedback says: its name has "feedback" in it, or it is about a record and has a value. Undefined for other
 * records, evaluations included.
 *
 * A label that is a known word wins. Otherwise a number decides, also one in a text, by its place on its scale: from `min` to `max`, above
 * which it counts as `max`. Without a maximum, thumbs and faces count by their sign, other scores up to 1 from 0 to 1, and higher ones, or
 * a `rating`, on the smallest scale that holds them: 1 to 5, 1 to 10, 1 to 100.
 */
export function feedbackOf(record: ListedRecord): Feedback | undefined {
  if (!isFeedback(record) || evaluationOf(record)) return undefined;
  const { properties } = record;
  const name = VALUES.find((value) => isGiven(properties[value]));
  const given = name && properties[name];
  const number = typeof given === 'boolean' ? undefined : toNumber(given);
  return (
    wordOf(properties['label']) ??
    (number === undefined ? wordOf(given) : undefined) ??
    (number === undefined ? 'other' : placeOf(number, name === 'rating', properties))
  );
}

/** Returns an evaluation: a feedback event with the type `evaluation`, that word in its name, or a name of what it measures. */
export function evaluationOf(record: ListedRecord): Evaluation | undefined {
  if (record.kind !== 'event' || !isFeedback(record)) return undefined;
  const { properties } = record;
  const measure = textOf(properties, 'name') ?? textOf(properties, 'metric');
  const isEvaluation =
    properties['feedback_type'] === 'evaluation' || measure !== undefined || /evaluation/i.test(record.event);
  if (!isEvaluation) return undefined;
  const given = VALUES.map((value) => properties[value]).find(isGiven);
  const score = typeof given === 'boolean' ? Number(given) : toNumber(given);
  const label =
    textOf(properties, 'label') ?? (score === undefined && typeof given === 'string' ? given : undefined);
  const explanation =
    textOf(properties, 'explanation') ?? textOf(properties, 'comment') ?? textOf(properties, 'reason');
  return {
    name: measure ?? textOf(properties, 'component') ?? 'evaluation',
    ...(score !== undefined && { score }),
    ...(label !== undefined && { label }),
    ...(explanation !== undefined && { explanation }),
  };
}

/** Rating of an answer by a person. `cleared` takes back what they said before; `neutral` is the middle of a scale. */
export type Rating = 'good' | 'bad' | 'neutral' | 'cleared';

/** A rating that an answer can have now. */
export type AnswerRating = Exclude<Rating, 'cleared'>;

export const ANSWER_RATINGS = ['good', 'bad', 'neutral'] as const satisfies readonly AnswerRating[];

/** Property `source` of what a reviewer of the team says of an answer, apart from its users. */
export const REVIEWER_SOURCE = 'reviewer';

/**
 * Returns the rating of an event of feedback, which replaces earlier ratings of the same person on the same answer. Undefined for a comment
 * alone or an unknown label, for evaluations, and for reviewers.
 */
export function ratingOf(record: ListedRecord): Rating | undefined {
  return isReview(record) ? undefined : givenRating(record);
}

/** Returns what {@link ratingOf} returns, of a reviewer as well. */
export function givenRating(record: ListedRecord): Rating | undefined {
  const feedback = feedbackOf(record);
  if (feedback === undefined) return undefined;
  if (isCleared(record.properties)) return 'cleared';
  if (feedback !== 'other') return feedback === 'positive' ? 'good' : 'bad';
  const given = VALUES.map((name) => record.properties[name]).find(isGiven);
  return typeof given !== 'boolean' && toNumber(given) !== undefined ? 'neutral' : undefined;
}

/** Returns true for feedback of a reviewer. */
export function isReview({ properties }: ListedRecord): boolean {
  const source = properties['source'];
  return typeof source === 'string' && source.toLowerCase() === REVIEWER_SOURCE;
}

/** A thumb is cleared by `cleared: true`, or by a score of null without anything else. */
export function isCleared(properties: Properties): boolean {
  if (properties['cleared'] === true || properties['cleared'] === 'true') return true;
  const others = [...VALUES, 'label', 'comment'] as const;
  return properties['score'] === null && others.every((name) => !isGiven(properties[name]));
}

const RATINGS = [undefined, 'good', 'bad', 'neutral', 'cleared'] as const;

/** Returns {@link ratingOf} as a number, for a column; 0 without a rating. */
export function ratingCode(record: ListedRecord): number {
  return RATINGS.indexOf(ratingOf(record));
}

/** Inverse of {@link ratingCode}. */
export function ratingOfCode(code: number): Rating | undefined {
  return RATINGS[code];
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

/** Returns the id of the record that an event gives feedback on, or evaluates; undefined for other records. */
export function feedbackTarget(record: ListedRecord): string | undefined {
  return isFeedback(record) ? textOf(record.properties, 'record_id') : undefined;
}

/** Returns true for events of feedback and of evaluations. */
export function isFeedback(record: ListedRecord): boolean {
  if (record.kind !== 'event') return false;
  if (/feedback|evaluation/i.test(record.event)) return true;
  const { properties } = record;
  return (
    textOf(properties, 'record_id') !== undefined &&
    [...VALUES, 'label' as const].some((name) => isGiven(properties[name]))
  );
}

function wordOf(value: PropertyValue | undefined): Feedback | undefined {
  const given = typeof value === 'string' || typeof value === 'boolean' ? String(value).trim() : '';
  const text = given.replace(EMOJI_VARIATION, '');
  if (POSITIVE.test(text)) return 'positive';
  return NEGATIVE.test(text) ? 'negative' : undefined;
}

function placeOf(value: number, isRating: boolean, properties: Properties): Feedback {
  const type = properties['feedback_type'];
  const given = toNumber(properties['max']) ?? toNumber(properties['max_score']);
  if (given === undefined && (type === 'faces' || type === 'thumbs'))
    return value === 0 && type === 'faces' ? 'other' : compare(value, 0, 'negative');
  if (value < 0) return 'negative';
  const isFraction = given === undefined && value <= 1 && !isRating;
  const max = given ?? (isFraction ? 1 : (SCALES.find((scale) => value <= scale) ?? value));
  const min = toNumber(properties['min']) ?? toNumber(properties['min_score']) ?? (max > 1 ? 1 : 0);
  return compare(Math.min(value, max), (min + max) / 2, 'other');
}

function compare(value: number, middle: number, ifEqual: Feedback): Feedback {
  if (value === middle) return ifEqual;
  return value > middle ? 'positive' : 'negative';
}

function isGiven(value: PropertyValue | undefined): boolean {
  return value !== undefined && value !== null && value !== '';
}

function textOf(properties: Properties, name: keyof Properties): string | undefined {
  const value = properties[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
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
