import type { Attributes, Context, Span } from '@opentelemetry/api';
import type { HandlerSettings } from '../options/handler-options.js';
import type { RunIdentity } from './run-identity.js';
import type { PartialAnswer } from './partial-answer.js';

export type RunType = 'chat_model' | 'llm' | 'chain' | 'tool' | 'retriever';

/** What every start callback of LangChain tells, by name instead of by position. */
export interface RunStart {
  readonly type: RunType;
  readonly runId: string;
  readonly parentRunId: string | undefined;
  /** LangChain's JSON of the object that runs. */
  readonly serialized: unknown;
  readonly tags: readonly string[] | undefined;
  readonly metadata: unknown;
  readonly runName: string | undefined;
  /** `options`, `invocation_params`, … of a model run. */
  readonly extraParams?: unknown;
}

/** A start without anything that its reading could fail on. */
export function bareStart({ type, runId, parentRunId, runName }: RunStart): RunStart {
  return {
    type,
    runId,
    parentRunId,
    runName: typeof runName === 'string' ? runName : undefined,
    serialized: undefined,
    tags: undefined,
    metadata: undefined,
  };
}

/** What a run hands down to those below it, also after it has ended: a child can start late. */
export interface Ancestry {
  /** With the run's span in it. */
  readonly context: Context;
  readonly identity: RunIdentity;
  /** The agent that the run belongs to. */
  readonly agent: string | undefined;
}

/** One open LangChain run. */
export interface Run extends Ancestry {
  readonly id: string;
  readonly type: RunType;
  readonly parentRunId: string | undefined;
  /** The options of the handler that reported the run first. */
  readonly settings: HandlerSettings;
  /** Whether it is a part of a sequence or of a map. */
  readonly isStep: boolean;
  /** Absent on hidden runs: their children attach to the grandparent. */
  readonly span: Span | undefined;
  /** The caller's context, without the run's span. */
  readonly outerContext: Context;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  /** The attributes of a model's metrics, if anybody measures. */
  readonly dimensions: Attributes | undefined;
  /** What has arrived of a model's answer. */
  readonly partial: PartialAnswer | undefined;
  /** When the run was last heard of, itself or through a run below it. Milliseconds since the epoch. */
  lastHeardMs: number;
  /** What `lastHeardMs` was when the run got its place in the registry. */
  placedAtMs: number;
  /** The signal of a model run. */
  signal: AbortSignal | undefined;
  /** Ends the watch over it. */
  stopWatching: (() => void) | undefined;
  /** Set by a prompt run below this one, for the model run that follows it. */
  promptTemplate: string | undefined;
}

/** The instrumentation scope of everything that the handler makes. */
export const SCOPE = 'opentelemetry-exporter-trubrics';
