import { REVIEW_STATES, type ReviewState } from '../../../review/review-state.js';
import { PREVIEW_LENGTH } from '../../live/live-hub.js';

/** Selection of the work list: a part of the URL. */
export interface ReviewChoice {
  readonly state: ReviewState | 'all';
  /** As it was written: a score, or `name:score`. Empty: evaluations are no reason for a review. */
  readonly threshold: string;
  readonly assignee: string;
}

export function choiceOf(params: URLSearchParams): ReviewChoice {
  const state = params.get('state');
  return {
    state: state === 'all' ? 'all' : (REVIEW_STATES.find((one) => one === state) ?? 'needs-review'),
    threshold: params.get('threshold') ?? '',
    assignee: params.get('assignee') ?? '',
  };
}

/** Returns the parameters of the API. */
export function reviewQuery(
  filters: string,
  { state, threshold, assignee }: ReviewChoice,
  limit: number,
): string {
  const params = new URLSearchParams(filters);
  if (state !== 'all') params.set('state', state);
  if (threshold !== '') params.set('threshold', threshold);
  if (assignee !== '') params.set('assignee', assignee);
  params.set('limit', String(limit));
  params.set('preview', String(PREVIEW_LENGTH));
  return params.toString();
}
