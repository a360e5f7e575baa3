import type { MeasureSteps } from '../../model/measure/measure-answer.js';
import type { Change } from '../compare/change.js';
import type { ComparedPeriods } from '../compare/compared-periods.js';

/** Parts of a summary: each answers one of the questions that owners of an application ask. What people ask about is `TopicList`. */
export const SUMMARY_PARTS = ['people', 'outcomes', 'cost', 'changes'] as const;
export type SummaryPart = (typeof SUMMARY_PARTS)[number];

/** Fields that all parts of a summary have. */
export interface SummaryFrame {
  /** IANA name. */
  readonly timeZone: string;
  /** Null if filters are compared, and not periods. */
  readonly periods: ComparedPeriods | null;
  /** Steps of the current period. A series has one value for each of them. */
  readonly steps: MeasureSteps;
}

export interface SummaryAnswers {
  readonly people: PeopleSummary;
  readonly outcomes: OutcomeSummary;
  readonly cost: CostSummary;
  readonly changes: ChangesSummary;
}

/** Each change is that from what it is compared with. Definitions: docs/numbers.md. */
export type Summary = SummaryFrame & SummaryAnswers;
/** A summary of which only some parts were asked for. */
export type PartialSummary = SummaryFrame & Partial<SummaryAnswers>;

type Series = readonly (number | null)[];

/** Are people using it, and who comes back or leaves? */
export interface PeopleSummary {
  readonly people: Change;
  readonly requests: Change;
  readonly conversations: Change;
  /** Requests of nobody: of `anonymous`. */
  readonly anonymous: Change;
  /** Null if filters are compared, and not periods. */
  readonly flow: PeopleFlow | null;
  readonly series: { readonly people: Series; readonly requests: Series };
}

/** Flow of people between two periods. `new` + `returning` + `resurrected` are those of the current one, `returning` + `gone` those before. */
export interface PeopleFlow {
  /** With their first request ever. */
  readonly new: number;
  /** In both periods. */
  readonly returning: number;
  /** Not in the period before, but earlier, or in a gap between both. */
  readonly resurrected: number;
  /** In the period before, and not in the current one. */
  readonly gone: number;
  /** True if older records are gone, so that somebody who counts as new may have been here before. */
  readonly isUncertain: boolean;
}

/** Did they get it done, and where do they struggle? */
export interface OutcomeSummary {
  readonly errorRate: Change;
  readonly badShare: Change;
  /** Rated answers of all answers. */
  readonly ratedShare: Change;
  readonly latencyP95: Change;
  /** Kinds of errors, the most frequent first. A null name: the error has no type. */
  readonly errorTypes: readonly NamedChange[];
  readonly series: { readonly errorRate: Series; readonly badShare: Series };
}

/** A measure of one group. */
export interface NamedChange {
  readonly name: string | null;
  readonly change: Change;
}

/** Answer to "What does it cost, by customer and model, and is the spend going to conversations that succeed?". */
export interface CostSummary {
  /** US dollars of the calls that have a price; `n` is their number. */
  readonly cost: Change;
  readonly unpricedCalls: Change;
  readonly costPerCall: Change;
  /** Cost of everybody's calls, divided by the number of people. */
  readonly costPerPerson: Change;
  /** Most expensive first. */
  readonly models: readonly NamedChange[];
  /** By organization, or by person if no record has one. */
  readonly customers: { readonly by: 'organization' | 'user'; readonly groups: readonly NamedChange[] };
  /** The current period's cost, by how conversations went. */
  readonly byOutcome: readonly OutcomeCost[];
  readonly series: { readonly cost: Series };
}

/**
 * Course of a conversation: `troubled` with at least one error or bad answer, `praised` with a rating and neither, `unknown` without any sign.
 * `single` are requests without a conversation, `unread` conversations beyond the number that are looked at, the cheapest ones.
 */
export const CONVERSATION_OUTCOMES = ['praised', 'unknown', 'troubled', 'single', 'unread'] as const;
export type ConversationOutcome = (typeof CONVERSATION_OUTCOMES)[number];

export interface OutcomeCost {
  readonly outcome: ConversationOutcome;
  /** Conversations; of `single`, requests. */
  readonly count: number;
  /** US dollars; null if no call has a price. */
  readonly cost: number | null;
}

/** Answer to "What got worse after the prompt or the model changed?". */
export interface ChangesSummary {
  /** All records. */
  readonly total: Quality;
  readonly dimensions: readonly DimensionChanges[];
}

/** Dimensions that say what was changed in an application. */
export const CHANGED_DIMENSIONS = ['release', 'prompt', 'prompt_version', 'model'] as const;

export interface DimensionChanges {
  readonly dimension: (typeof CHANGED_DIMENSIONS)[number];
  /** False if no record of either period says it. */
  readonly isKnown: boolean;
  /** Values that are new in the current period, most requests first. */
  readonly arrivals: readonly Arrival[];
}

/** A model, release or prompt version with requests in the current period and none before, next to the one that had most requests before. */
export interface Arrival extends Quality {
  readonly name: string;
  /** Null if there was none: then nothing is compared. */
  readonly predecessor: string | null;
  /** Name of the prompt, if it has one (prompt versions only). */
  readonly prompt?: string;
}

/** Measures of quality. Of an arrival, `before` is that of its predecessor in the period before. */
export interface Quality {
  readonly requests: Change;
  readonly errorRate: Change;
  readonly badShare: Change;
  readonly latencyP95: Change;
  readonly costPerCall: Change;
  /** Measures that rose by more than chance explains, or, where that cannot be told, by a tenth. */
  readonly risen: readonly QualityMeasure[];
}

export type QualityMeasure = 'errorRate' | 'badShare' | 'latencyP95' | 'costPerCall';
