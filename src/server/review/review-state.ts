import type { PropertyValue } from '../../records/model/prompt-record.js';
import { BadQueryError } from '../query/parse-query.js';
import type { DocumentStore, StoredDocument } from '../engines/document-store.js';

/** Kind of the documents with what reviewers decided, by the id of a record or of a conversation. */
export const STATE_KIND = 'state';

/** Steps of the work on an answer. What nobody has decided about needs a review. */
export const REVIEW_STATES = ['needs-review', 'needs-others', 'done'] as const;

export type ReviewState = (typeof REVIEW_STATES)[number];

export const REVIEW_RATINGS = ['good', 'bad'] as const;

/** Decision of reviewers about an answer or a conversation. */
export interface Review {
  readonly state: ReviewState;
  /** Person who works on it. */
  readonly assignee?: string;
  readonly note?: string;
  /** The reviewer's own judgement, apart from the thumbs of users. */
  readonly rating?: (typeof REVIEW_RATINGS)[number];
  /** Default: an answer. */
  readonly of?: 'conversation';
  /** User who asked, so that the review is erased when that person is forgotten. */
  readonly userId?: string;
}

/** A review as it is stored. Version 0: nobody has decided anything yet. */
export interface StoredReview extends Review {
  readonly version: number;
}

export const NO_REVIEW: StoredReview = { state: 'needs-review', version: 0 };

/** Refuses a state or a judgement that the work list does not know. @throws BadQueryError */
export function checkReview(_name: string, value: PropertyValue): void {
  if (!isObject(value)) throw new BadQueryError('A review is an object, as { "state": "done" }');
  checkOneOf('state', value['state'], REVIEW_STATES);
  checkOneOf('rating', value['rating'], REVIEW_RATINGS);
  checkOneOf('of', value['of'], ['answer', 'conversation']);
}

function checkOneOf(name: string, value: PropertyValue | undefined, known: readonly string[]): void {
  if (value === undefined || value === null || (typeof value === 'string' && known.includes(value))) return;
  throw new BadQueryError(`"${name}" must be one of ${known.join(', ')}`);
}

/** Returns the reviews of answers, by the id of the record; with `conversation`, those of conversations. */
export async function listReviews(
  documents: DocumentStore,
  of: 'answer' | 'conversation',
): Promise<ReadonlyMap<string, StoredReview>> {
  const all = (await documents.list(STATE_KIND)).map(
    (document) => [document.name, toReview(document)] as const,
  );
  return new Map(all.filter(([, review]) => (review.of ?? 'answer') === of));
}

/** Reads a document. What cannot be read of it counts as absent: people write these documents by hand as well. */
export function toReview({ value, version }: Pick<StoredDocument, 'value' | 'version'>): StoredReview {
  const fields = isObject(value) ? value : {};
  const rating = REVIEW_RATINGS.find((one) => one === fields['rating']);
  const [assignee, note, userId] = ['assignee', 'note', 'userId'].map((name) => textOf(fields[name]));
  return {
    version,
    state: REVIEW_STATES.find((one) => one === fields['state']) ?? 'needs-review',
    ...(assignee !== undefined && { assignee }),
    ...(note !== undefined && { note }),
    ...(rating !== undefined && { rating }),
    ...(fields['of'] === 'conversation' && { of: 'conversation' }),
    ...(userId !== undefined && { userId }),
  };
}

function isObject(value: PropertyValue): value is Readonly<Record<string, PropertyValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: PropertyValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
