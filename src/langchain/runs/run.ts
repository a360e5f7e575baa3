import type { Attributes, Context, Span } from '@opentelemetry/api';
import type { LinkedPrompt } from '../../common/text/linked-prompts.js';
import type { HandlerSettings } from '../options/handler-options.js';
import { PartialAnswer } from './partial-answer.js';
import { runContext } from './run-context.js';
import { isStep, type RunIdentity } from './run-identity.js';

export type ModelRunType = 'chat_model' | 'llm';
export type OtherRunType = 'chain' | 'tool' | 'retriever';
export type RunType = ModelRunType | OtherRunType;

/** Arguments that all start callbacks of LangChain share, by name instead of by position. */
export interface RunStart<Type extends RunType = RunType> {
  readonly type: Type;
  readonly runId: string;
  readonly parentRunId: string | undefined;
  /** LangChain's JSON of the model, chain, tool or retriever. */
  readonly serialized: unknown;
  readonly tags: readonly string[] | undefined;
  readonly metadata: unknown;
  readonly runName: string | undefined;
  /** Model runs only: `options`, `invocation_params`, … */
  readonly extraParams?: unknown;
  /** Set if `tags` cannot be read: the value that identifies the run. See {@link OpenRun.tags}. */
  readonly unreadTags?: unknown;
}

/** Names the arguments of a start callback. All starts have the same shape, which their readers are optimised for. */
export function runStart<Type extends RunType>(
  type: Type,
  serialized: unknown,
  runId: string,
  parentRunId: string | undefined,
  tags: readonly string[] | undefined,
  metadata: unknown,
  runName: string | undefined,
  extraParams?: unknown,
): RunStart<Type> {
  return { type, runId, parentRunId, serialized, tags, metadata, runName, extraParams };
}

/** Returns the start with only the fields that cannot make a callback fail. */
export function minimalStart<Type extends RunType>({
  type,
  runId,
  parentRunId,
  runName,
  tags,
}: RunStart<Type>): RunStart<Type> {
  return {
    type,
    runId,
    parentRunId,
    runName: typeof runName === 'string' ? runName : undefined,
    serialized: undefined,
    tags: undefined,
    unreadTags: tags,
    metadata: undefined,
  };
}

/** State that child runs inherit. It outlives the run, because a child can start after its parent has ended. */
export interface Inherited {
  /** Span of an open run. */
  readonly span?: Span | undefined;
  /** Context with the run's span in it. */
  readonly context: Context;
  readonly identity: RunIdentity;
  /** Name of the agent that the run belongs to. */
  readonly agent: string | undefined;
}

/** Fields that every open run has. The constructor sets them all, so they are declared: initialisers would set each of them twice. */
abstract class OpenRun<Type extends RunType> implements Inherited {
  declare readonly id: string;
  /** Key of the run in the registry: its id, unless another run had the id before. */
  declare key: string;
  /**
   * LangChain's array of tags, never read here. LangChain makes one for each run and passes it to every callback of that run, so that it
   * tells runs with the same id apart.
   */
  declare readonly tags: unknown;
  declare readonly type: Type;
  declare readonly parent: Inherited | undefined;
  /** Options of the handler that reported the run first. */
  declare readonly settings: HandlerSettings;
  /** True if the run is a part of a sequence or of a map. */
  declare readonly isStep: boolean;
  /** Undefined for a hidden run: its children attach to the grandparent. */
  declare readonly span: Span | undefined;
  /** Context of the caller, without the run's span. */
  declare readonly outerContext: Context;
  declare readonly context: Context;
  declare readonly identity: RunIdentity;
  declare readonly agent: string | undefined;
  /** On the clock of `performance.now()`. */
  declare readonly startedAt: number;
  /** Last callback of this run or start of a run below it. Milliseconds since the epoch. */
  declare lastActivityMs: number;
  /** Value of `lastActivityMs` when the registry last moved the run to the end of its order. */
  declare orderedAtMs: number;
  /** Set by a prompt template's run below this one, for the model run that follows it. */
  declare promptTemplate: string | undefined;
  /** Set in the same way, if the template comes from a prompt store. */
  declare storedPrompt: LinkedPrompt | undefined;
  /** Name of a graph that may turn out to be an agent. */
  declare unclassifiedGraph: string | undefined;

  constructor(
    start: RunStart<Type>,
    parent: Inherited | undefined,
    settings: HandlerSettings,
    span: Span | undefined,
    outerContext: Context,
    identity: RunIdentity,
    agent: string | undefined,
  ) {
    this.id = start.runId;
    this.key = start.runId;
    this.tags = start.tags ?? start.unreadTags;
    this.type = start.type;
    this.parent = parent;
    this.settings = settings;
    this.isStep = isStep(start.tags);
    this.span = span;
    this.outerContext = outerContext;
    this.context = span ? runContext(outerContext, span, start.runId, start.extraParams) : outerContext;
    this.identity = identity;
    this.agent = agent;
    this.startedAt = performance.now();
    this.lastActivityMs = Date.now();
    this.orderedAtMs = this.lastActivityMs;
    this.promptTemplate = undefined;
    this.storedPrompt = undefined;
    this.unclassifiedGraph = undefined;
  }
}

export class ModelRun extends OpenRun<ModelRunType> {
  /** The answer as far as it has been streamed. */
  readonly partial = new PartialAnswer();
  /** Attributes of the run's metrics. Undefined while no meter provider is registered. */
  readonly dimensions: Attributes | undefined;
  /** Abort signal of the call. */
  signal: AbortSignal | undefined = undefined;
  /** Removes the listener on `signal`. */
  stopWatching: (() => void) | undefined = undefined;

  constructor(
    start: RunStart<ModelRunType>,
    parent: Inherited | undefined,
    settings: HandlerSettings,
    span: Span | undefined,
    outerContext: Context,
    identity: RunIdentity,
    agent: string | undefined,
    dimensions: Attributes | undefined,
  ) {
    super(start, parent, settings, span, outerContext, identity, agent);
    this.dimensions = dimensions;
  }
}

export class OtherRun extends OpenRun<OtherRunType> {}

/** Open LangChain run; `type` tells a model run from others. */
export type Run = ModelRun | OtherRun;

/** Returns true for a run of a model. It tests the type, because the other copy of this package has classes of its own. */
export function isModelRun(run: Run | undefined): run is ModelRun {
  return run !== undefined && isModelType(run.type);
}

export function isModelType(type: RunType): type is ModelRunType {
  return type === 'chat_model' || type === 'llm';
}

/** Returns the parent of a run if it was open when the run started; undefined for one that had ended before. */
export function openRun(parent: Inherited | undefined): Run | undefined {
  return parent !== undefined && 'key' in parent ? (parent as Run) : undefined;
}
