import { ANONYMOUS } from '../../../records/model/prompt-record.js';
import { fromNanoDollars, toNanoDollars } from '../../model/cost.js';
import type { SampledRequest } from '../../model/request-sample.js';
import type { Example, TopicNumbers } from './topic-summary.js';

const MAX_EXAMPLES = 3;
const MAX_EXAMPLE_LENGTH = 200;

/** Returns what identifies the conversation of a request. */
export function conversationOf({ id, threadId }: SampledRequest): string {
  return threadId === undefined ? `request ${id}` : `thread ${threadId}`;
}

export function countConversations(requests: readonly SampledRequest[]): number {
  return new Set(requests.map(conversationOf)).size;
}

/** @param all number of conversations of the sample */
export function numbersOf(requests: readonly SampledRequest[], all: number): TopicNumbers {
  const conversations = countConversations(requests);
  const sum = (valueOf: (request: SampledRequest) => number): number =>
    requests.reduce((total, request) => total + valueOf(request), 0);
  return {
    requests: requests.length,
    people: new Set(requests.map(({ userId }) => userId).filter((user) => user !== ANONYMOUS)).size,
    conversations,
    share: all === 0 ? 0 : conversations / all,
    errors: sum(({ isError }) => (isError ? 1 : 0)),
    cost: fromNanoDollars(sum(({ cost }) => toNanoDollars(cost))),
    pricedCalls: sum((request) => request.pricedCalls),
    unpricedCalls: sum((request) => request.unpricedCalls),
  };
}

/** Returns the first different texts. */
export function examplesOf(requests: readonly SampledRequest[]): readonly Example[] {
  const examples = new Map<string, Example>();
  for (const { id, text } of requests) {
    const short = text.trim().slice(0, MAX_EXAMPLE_LENGTH);
    if (!examples.has(short)) examples.set(short, { id, text: short });
    if (examples.size === MAX_EXAMPLES) break;
  }
  return [...examples.values()];
}
