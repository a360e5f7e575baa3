import type { ComparedPeriods } from '../compare/compared-periods.js';

/** Numbers of the requests of a topic, within a sample. */
export interface TopicNumbers {
  readonly requests: number;
  readonly people: number;
  /** A request without a conversation counts as one. */
  readonly conversations: number;
  /** Share of the conversations of the sample, from 0 to 1. */
  readonly share: number;
  readonly errors: number;
  /** US dollars. */
  readonly cost: number;
  readonly pricedCalls: number;
  readonly unpricedCalls: number;
}

export interface Example {
  /** Id of the record. */
  readonly id: string;
  readonly text: string;
}

/** Id and name of a topic. */
export interface TopicName {
  readonly id: string;
  readonly name: string;
}

export interface TopicSummary extends TopicName, TopicNumbers {
  readonly terms: readonly string[];
  readonly isFound: boolean;
  readonly examples: readonly Example[];
  /** The period before; null without one. */
  readonly before: TopicNumbers | null;
  /** See `changeScore()`; null without a period before. */
  readonly score: number | null;
}

export interface TopicList {
  /** Most conversations first. A conversation can have several. */
  readonly topics: readonly TopicSummary[];
  /** Requests of no listed topic. */
  readonly other: TopicNumbers;
  /** Requests that were read; of them, those without a text are in no number. */
  readonly sampled: number;
  readonly withoutText: number;
  /** Requests that match. */
  readonly total: number;
  readonly before: { readonly sampled: number; readonly total: number } | null;
}

/** Answer of `GET /topics`. */
export interface TopicResponse extends TopicList {
  /** Null if nothing is compared, or filters are. */
  readonly periods: ComparedPeriods | null;
}
