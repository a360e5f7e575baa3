/** Sums over a group of records: all of them, a user's, a thread's or a model's. */
export interface Totals {
  prompts: number;
  events: number;
  /** Prompts, and errors that left no prompt: what `errors` is a part of. */
  requests: number;
  /** Failed calls and turns. A call within a turn counts with its turn. */
  errors: number;
  inputTokens: number;
  outputTokens: number;
  /** `total_tokens`, or input and output tokens, of each record. */
  totalTokens: number;
  /** US dollars of the calls that have a price. See `costOf()`. */
  cost: number;
  pricedCalls: number;
  unpricedCalls: number;
}

export interface LatencySummary {
  /** Seconds: the value at index `ceil(p * n)` of the sorted list, counted from 1; `null` when no latency was measured. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export interface ModelSummary extends Totals {
  readonly assistantId: string;
  readonly latency: LatencySummary;
}

export interface NamedCount {
  readonly name: string;
  readonly count: number;
}

/** Evaluations of one name. */
export interface EvaluationSummary extends NamedCount {
  /** Evaluations with a score, and the mean of their scores to six digits; `null` without any. */
  readonly scored: number;
  readonly meanScore: number | null;
  /** At most 50, most frequent first. */
  readonly labels: readonly NamedCount[];
}

/** Counts per time bucket. All lists have the same length. */
export interface TimeSeries {
  /** Usual width of a bucket. Days, months and years have other lengths at times. */
  readonly stepMs: number;
  /** Start of each bucket in milliseconds, ascending, without gaps. From an hour on, buckets follow the clock of `timeZone`. */
  readonly at: readonly number[];
  /** End of the last bucket: the first millisecond that is not in it. 0 without buckets. */
  readonly end: number;
  /** IANA name. */
  readonly timeZone: string;
  /** Records in no bucket, because their time cannot be right: before 2020, or a day after they were received. */
  readonly outside: number;
  readonly prompts: readonly number[];
  readonly requests: readonly number[];
  readonly errors: readonly number[];
  /** Seconds; `null` where no latency was measured. */
  readonly latencyP50: readonly (number | null)[];
  readonly latencyP95: readonly (number | null)[];
  readonly inputTokens: readonly number[];
  readonly outputTokens: readonly number[];
  readonly totalTokens: readonly number[];
  readonly cost: readonly number[];
  readonly pricedCalls: readonly number[];
  readonly unpricedCalls: readonly number[];
}

/** The numbers of the overview. */
export interface Statistics extends Totals {
  /** ISO 8601. Set by a database that does not sum up all of time where no beginning was asked for: records before are not in any number. */
  readonly since?: string;
  readonly records: number;
  /** Users of all matching records. */
  readonly users: number;
  /** Users with at least one request: without those who only gave feedback or caused events. */
  readonly people: number;
  readonly threads: number;
  readonly latency: LatencySummary;
  /** See `feedbackOf()`. Evaluations are not among them. */
  readonly feedback: { readonly positive: number; readonly negative: number; readonly other: number };
  readonly evaluations: readonly EvaluationSummary[];
  /** At most 50, most prompts first; so are the lists below, most frequent first. */
  readonly models: readonly ModelSummary[];
  /** By prompts. */
  readonly topUsers: readonly NamedCount[];
  readonly tags: readonly NamedCount[];
  readonly eventNames: readonly NamedCount[];
  readonly series: TimeSeries;
}
