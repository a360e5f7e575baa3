/** Sums over a group of records: all of them, a user's, a thread's or a model's. */
export interface Totals {
  prompts: number;
  events: number;
  errors: number;
  inputTokens: number;
  outputTokens: number;
}

export interface LatencySummary {
  /** Seconds; `null` when no latency was measured. */
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

/** Counts per time bucket. All lists have the same length. */
export interface TimeSeries {
  /** Width of a bucket. */
  readonly stepMs: number;
  /** Start of each bucket in milliseconds, ascending, without gaps. */
  readonly at: readonly number[];
  readonly prompts: readonly number[];
  readonly errors: readonly number[];
  /** Seconds; `null` where no latency was measured. */
  readonly latencyP50: readonly (number | null)[];
  readonly latencyP95: readonly (number | null)[];
  readonly inputTokens: readonly number[];
  readonly outputTokens: readonly number[];
}

/** The numbers of the overview. */
export interface Statistics extends Totals {
  readonly records: number;
  readonly users: number;
  readonly threads: number;
  readonly latency: LatencySummary;
  /** Events with feedback in their name, by `score`, `value`, `rating` or `label`. */
  readonly feedback: { readonly positive: number; readonly negative: number; readonly other: number };
  /** At most 50, most prompts first; so are the lists below, most frequent first. */
  readonly models: readonly ModelSummary[];
  readonly topUsers: readonly NamedCount[];
  readonly tags: readonly NamedCount[];
  readonly eventNames: readonly NamedCount[];
  readonly series: TimeSeries;
}
