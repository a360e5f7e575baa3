import type { PropertyValue } from '../../../records/model/prompt-record.js';
import {
  NO_REVIEW,
  STATE_KIND,
  toReview,
  type Review,
  type StoredReview,
} from '../../review/review-state.js';
import { ApiError } from './api-error.js';
import { getDocument, putDocument } from './api.js';

/** Subject of a review: a record, or a conversation. */
export interface Reviewed {
  /** Id of the record or conversation. */
  readonly name: string;
  readonly of: 'answer' | 'conversation';
  /** User who asked, so that the review is erased when that person is forgotten. Undefined if several did. */
  readonly userId?: string | undefined;
}

/** Times that a review is read again because somebody has changed it meanwhile. */
const ATTEMPTS = 4;
const [NOT_FOUND, CONFLICT] = [404, 412];

export async function loadReview(name: string, signal?: AbortSignal): Promise<StoredReview> {
  const stored = await getDocument(STATE_KIND, name, signal);
  return stored ? toReview(stored) : NO_REVIEW;
}

/** A change of a field that somebody else has changed since it was seen. */
export class ReviewConflict extends ApiError {
  /** The field, and what is stored of it: '' for nothing. */
  readonly now: ReviewChange;

  constructor(field: keyof ReviewChange, now: string) {
    super(
      `Somebody else has changed it meanwhile. It is now: ${now || 'empty'}. Do it again to replace that.`,
      CONFLICT,
    );
    this.now = { [field]: now };
  }
}

/** Fields to change. Undefined and '' remove a field. */
export type ReviewChange = { readonly [Field in keyof Review]?: Review[Field] | '' | undefined };

let latest: Promise<unknown> = Promise.resolve();

/** Latest fields that this page has stored: a reader may decide again before they are shown. */
let own: { readonly name: string; readonly fields: ReviewChange } | undefined;

/**
 * Changes fields of a review, whatever others of it are changed at the same time. One after the other, as they were made.
 *
 * @param seen the review as the reader saw it
 * @throws ApiError; ReviewConflict if somebody else has changed one of these fields to something else
 */
export function saveReview(reviewed: Reviewed, change: ReviewChange, seen: Review): Promise<void> {
  const saved = latest.then(() => save(reviewed, change, seen));
  latest = saved.catch(() => undefined);
  return saved;
}

async function save({ name, of, userId }: Reviewed, change: ReviewChange, seen: Review): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const stored = await getDocument(STATE_KIND, name);
    refuseUnseen(name, stored ? toReview(stored) : NO_REVIEW, change, seen);
    const fields = {
      ...(isObject(stored?.value) ? stored.value : NO_STATE),
      ...(of === 'conversation' && { of }),
      ...(userId !== undefined && { userId }),
      ...change,
    };
    const value = Object.fromEntries(
      Object.entries(fields).filter(([, field]) => field !== undefined && field !== ''),
    ) as Readonly<Record<string, PropertyValue>>;
    try {
      await putDocument(STATE_KIND, name, value, stored?.version ?? 0);
      own = { name, fields: { ...(own?.name === name && own.fields), ...change } };
      return;
    } catch (error) {
      const isRace = error instanceof ApiError && (error.status === CONFLICT || error.status === NOT_FOUND);
      if (!isRace || attempt === ATTEMPTS) throw error;
    }
  }
}

/** @throws ReviewConflict for a field that was changed since it was seen */
function refuseUnseen(name: string, stored: Review, change: ReviewChange, seen: Review): void {
  const mine = own?.name === name ? own.fields : {};
  for (const field of Object.keys(change) as (keyof ReviewChange)[]) {
    const now = stored[field] ?? '';
    const known = [seen[field], change[field], ...(field in mine ? [mine[field]] : [])];
    if (!known.some((value) => (value ?? '') === now)) throw new ReviewConflict(field, now);
  }
}

const NO_STATE = { state: NO_REVIEW.state };

function isObject(
  value: PropertyValue | undefined,
): value is Readonly<Record<string, PropertyValue>> & object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
