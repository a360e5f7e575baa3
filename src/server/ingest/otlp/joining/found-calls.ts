import type { LocatedCall } from '../../../../reading/calls/located-call.js';
import type { FoundEvaluation } from './evaluations.js';
import type { LogEvent } from './log-events.js';

export interface FoundCall extends LocatedCall {
  /** Records that this call is part of, if they are stored: of spans that were forgotten, or that another server took. */
  readonly partOf: readonly string[];
  /** True if the trace is known up to its root, so that nothing else can be known of the call's user. */
  readonly isComplete: boolean;
}

/** Spans above a stored record. */
export interface Nesting {
  /** Record of the call that the record is part of. */
  readonly whole?: string;
  /** Records of agents that are no calls, because the record is a call below them. */
  readonly agents: readonly string[];
}

/** Calls found after the spans of a request were added. */
export interface FoundCalls {
  /** Calls to record: new ones, and earlier ones that the new spans may have changed. */
  readonly calls: readonly FoundCall[];
  /** Evaluations to record: new ones, and earlier ones of which more is known now. */
  readonly evaluations: readonly FoundEvaluation[];
  /** Ids of records that were made too early, because their spans are part of another call. */
  readonly superseded: readonly string[];
  /** Traces of all of these. */
  readonly traceIds: ReadonlySet<string>;
  /** Traces in which spans came that say something about calls below them. Another server may have these calls. */
  readonly factTraces: ReadonlySet<string>;
  /** Traces in which calls, agents or spans below them came. Parts of their calls may be stored since before a restart. */
  readonly callTraces: ReadonlySet<string>;
  /** Ids of the records of spans without content, which log records of another server may have. */
  readonly withoutContent: readonly string[];
  /** Log records whose span is not here: another server may have it. */
  readonly logsWithoutSpan: readonly LogEvent[];
  /** Ids of the records that opted-out spans would be: spans of the request, and those below them. */
  readonly optedOut: readonly string[];
  /** Ids of the records of spans that are shared with another server, see `BufferedSpan.isShared`. */
  readonly shared: readonly string[];
  /** Number of LLM spans that cannot be read. */
  readonly unreadable: number;
  /** Call it when the store has the records and no longer has the superseded ones. Until then, a repeated request finds the same. */
  readonly onStored: () => void;
}
