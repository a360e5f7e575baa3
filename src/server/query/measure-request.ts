import type { Grouping } from '../model/measure/dimensions.js';
import type { MeasureSteps } from '../model/measure/measure-answer.js';

/** Measures with a name. Each is defined in docs/numbers.md. */
export const MEASURE_NAMES = [
  'records',
  'prompts',
  'requests',
  'errors',
  'errorRate',
  'people',
  'threads',
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cost',
  'pricedCalls',
  'unpricedCalls',
  'rated',
  'bad',
  'badShare',
  'latencyMean',
  'latencyP50',
  'latencyP95',
  'latencyP99',
] as const;

export type MeasureName = (typeof MEASURE_NAMES)[number];

/** Aggregate of the numbers of a property. */
export const PROPERTY_FUNCTIONS = ['count', 'sum', 'mean', 'p50', 'p95'] as const;

export type PropertyFunction = (typeof PROPERTY_FUNCTIONS)[number];

/** Numbers of a property: numbers, and texts that are numbers. Calls within a turn do not count, as their tokens do not. */
export interface PropertyMeasure {
  readonly property: string;
  readonly of: PropertyFunction;
}

export type Measure = MeasureName | PropertyMeasure;

export const TIME_STEPS = ['hour', 'day', 'week', 'month'] as const satisfies readonly MeasureSteps['step'][];

export type TimeStep = (typeof TIME_STEPS)[number];

/** Numbers that are wanted of the records that a query matches, as plain data. */
export interface MeasureRequest {
  /** At least one. */
  readonly measures: readonly Measure[];
  readonly by?: Grouping;
  /** Asks for a series: from the time of the query, or the first plausible time, to the end of it, or the last. */
  readonly step?: TimeStep;
  /** Groups that are listed; the rest is summed up in `other`. Default {@link DEFAULT_GROUPS}. */
  readonly limit?: number;
  /** The measure that orders the groups, largest first. Default: the first one. */
  readonly orderBy?: Measure;
  /** IANA name. Default UTC. */
  readonly timeZone?: string;
}

export const DEFAULT_GROUPS = 10;

/** Most steps of a series: a month of hours, almost three years of days. */
export const MAX_STEPS = 1000;
