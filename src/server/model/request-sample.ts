import { costOf } from './cost.js';
import { askedText, isError, type StoredRecord } from './stored-record.js';

/** Characters of a text that a sample has. */
export const MAX_SAMPLED_TEXT = 4000;

/** Shortened question. */
export interface SampledRequest {
  readonly id: string;
  readonly userId: string;
  readonly threadId?: string;
  /** The first 4,000 characters of `askedText()`. Empty for an error that left no prompt. */
  readonly text: string;
  readonly isError: boolean;
  /** US dollars of the calls that have a price. */
  readonly cost: number;
  readonly pricedCalls: number;
  readonly unpricedCalls: number;
}

export interface RequestSample {
  /** Requests with the smallest `sampleHash()`, in this order: the choice is the same each time, and mostly after more have arrived. */
  readonly requests: readonly SampledRequest[];
  /** Number of requests that match. */
  readonly total: number;
}

export function toSampledRequest(record: StoredRecord): SampledRequest {
  const { cost, pricedCalls, unpricedCalls } = costOf(record);
  const { id, userId, threadId } = record;
  const text = askedText(record).slice(0, MAX_SAMPLED_TEXT);
  return {
    id,
    userId,
    ...(threadId !== undefined && { threadId }),
    text,
    isError: isError(record),
    cost,
    pricedCalls,
    unpricedCalls,
  };
}
