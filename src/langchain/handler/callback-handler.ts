import { startAsyncTracking } from '../runs/run-context.js';
import { addAgentAction, addAgentFinish, endChain, startChain } from '../spans/chain-span.js';
import { failRun } from '../spans/failure.js';
import { guard, reportFailure } from '../../common/guard.js';
import {
  type HandlerSettings,
  handlerSettings,
  type TrubricsCallbackHandlerOptions,
} from '../options/handler-options.js';
import { HandlerShape } from './handler-shape.js';
import { addStreamEvent, addToken, endModel, failModel, startModel } from '../spans/model-span.js';
import { registryOf } from './registries.js';
import { endRetriever, startRetriever } from '../spans/retriever-span.js';
import { minimalStart, type Run, type RunStart, runStart, type RunType } from '../runs/run.js';
import type { RunRegistry } from '../runs/run-registry.js';
import type { Tracing } from '../runs/run-span.js';
import { endTool, startTool } from '../spans/tool-span.js';

/**
 * The callbacks declare the arguments that LangChain's callback managers pass, which differ from LangChain's own type declarations.
 */
type Tags = string[];
type Metadata = Record<string, unknown>;

type StartRun<Type extends RunType> = (
  tracing: Tracing,
  start: RunStart<Type>,
  first: unknown,
  second: unknown,
) => void;
type HandleEvent = (registry: RunRegistry, run: Run, first: unknown, second: unknown, third: unknown) => void;

/**
 * LangChain.js callback handler that creates an OpenTelemetry span in the GenAI conventions for each run: models, chains, graphs,
 * agents, tools and retrievers, with prompt, answer, usage, user, conversation, tags and metadata.
 *
 * One instance serves the whole application, including concurrent requests. User and conversation are given per call in
 * `config.metadata`; all runs below inherit them:
 *
 * ```ts
 * const handler = new TrubricsCallbackHandler();
 * await model.invoke('Tell me a joke', { callbacks: [handler], metadata: { user_id: 'u-1', thread_id: 't-1' } });
 * ```
 *
 * LangChain does not report the end of a stream that is left by `break` or never read. Its run ends after `maxRunAgeMs`, or at
 * {@link shutdown}. {@link instrumentLangChain} ends it at once.
 *
 * LangChain calls the methods. They return at once and never throw.
 */
export class TrubricsCallbackHandler extends HandlerShape {
  readonly #settings: HandlerSettings;
  readonly #registries = new Set<RunRegistry>();
  #current: Tracing | undefined;

  /** @throws TypeError for an option that is unknown or of the wrong kind */
  constructor(options: TrubricsCallbackHandlerOptions = {}) {
    super();
    this.#settings = handlerSettings(options);
    if (this.#settings.activate) guard('LangChain constructor', startAsyncTracking);
  }

  /** Ends all open runs, such as streams that were not read to the end. The handler can still be used afterwards. */
  shutdown(): Promise<void> {
    for (const registry of this.#registries)
      guard('LangChain shutdown', () => registry.abandonAll(this.#settings));
    return Promise.resolve();
  }

  handleChatModelStart(
    serialized: unknown,
    messages: unknown,
    runId: string,
    parentRunId?: string,
    extraParams?: Metadata,
    tags?: Tags,
    metadata?: Metadata,
    runName?: string,
  ): void {
    const start = runStart(
      'chat_model',
      serialized,
      runId,
      parentRunId,
      tags,
      metadata,
      runName,
      extraParams,
    );
    this.#start('handleChatModelStart', startModel, start, messages);
  }

  handleLLMStart(
    serialized: unknown,
    prompts: unknown,
    runId: string,
    parentRunId?: string,
    extraParams?: Metadata,
    tags?: Tags,
    metadata?: Metadata,
    runName?: string,
  ): void {
    const start = runStart('llm', serialized, runId, parentRunId, tags, metadata, runName, extraParams);
    this.#start('handleLLMStart', startModel, start, prompts);
  }

  handleLLMNewToken(
    token: string,
    index: unknown,
    runId: string,
    _parentRunId?: string,
    tags?: Tags,
    fields?: unknown,
  ): void {
    this.#dispatch('handleLLMNewToken', addToken, runId, tags, token, index, fields);
  }

  handleChatModelStreamEvent(event: unknown, runId: string, _parentRunId?: string, tags?: Tags): void {
    this.#dispatch('handleChatModelStreamEvent', addStreamEvent, runId, tags, event);
  }

  handleLLMEnd(
    output: unknown,
    runId: string,
    _parentRunId?: string,
    tags?: Tags,
    extraParams?: Metadata,
  ): void {
    this.#dispatch('handleLLMEnd', endModel, runId, tags, output, extraParams);
  }

  handleLLMError(error: unknown, runId: string, _parentRunId?: string, tags?: Tags): void {
    this.#dispatch('handleLLMError', failModel, runId, tags, error);
  }

  handleChainStart(
    serialized: unknown,
    _inputs: unknown,
    runId: string,
    parentRunId?: string,
    tags?: Tags,
    metadata?: Metadata,
    chainType?: string,
    runName?: string,
  ): void {
    const start = runStart('chain', serialized, runId, parentRunId, tags, metadata, runName);
    this.#start('handleChainStart', startChain, start, chainType);
  }

  handleChainEnd(_outputs: unknown, runId: string, _parentRunId?: string, tags?: Tags): void {
    this.#dispatch('handleChainEnd', endChain, runId, tags);
  }

  handleChainError(error: unknown, runId: string, _parentRunId?: string, tags?: Tags): void {
    this.#dispatch('handleChainError', failRun, runId, tags, error);
  }

  handleToolStart(
    serialized: unknown,
    input: unknown,
    runId: string,
    parentRunId?: string,
    tags?: Tags,
    metadata?: Metadata,
    runName?: string,
    toolCallId?: string,
  ): void {
    const start = runStart('tool', serialized, runId, parentRunId, tags, metadata, runName);
    this.#start('handleToolStart', startTool, start, input, toolCallId);
  }

  handleToolEnd(output: unknown, runId: string, _parentRunId?: string, tags?: Tags): void {
    this.#dispatch('handleToolEnd', endTool, runId, tags, output);
  }

  handleToolError(error: unknown, runId: string, _parentRunId?: string, tags?: Tags): void {
    this.#dispatch('handleToolError', failRun, runId, tags, error);
  }

  handleRetrieverStart(
    serialized: unknown,
    query: unknown,
    runId: string,
    parentRunId?: string,
    tags?: Tags,
    metadata?: Metadata,
    runName?: string,
  ): void {
    const start = runStart('retriever', serialized, runId, parentRunId, tags, metadata, runName);
    this.#start('handleRetrieverStart', startRetriever, start, query);
  }

  handleRetrieverEnd(documents: unknown, runId: string, _parentRunId?: string, tags?: Tags): void {
    this.#dispatch('handleRetrieverEnd', endRetriever, runId, tags, documents);
  }

  handleRetrieverError(error: unknown, runId: string, _parentRunId?: string, tags?: Tags): void {
    this.#dispatch('handleRetrieverError', failRun, runId, tags, error);
  }

  handleAgentAction(action: unknown, runId: string, _parentRunId?: string, tags?: Tags): void {
    this.#dispatch('handleAgentAction', addAgentAction, runId, tags, action);
  }

  handleAgentEnd(_finish: unknown, runId: string, _parentRunId?: string, tags?: Tags): void {
    this.#dispatch('handleAgentEnd', addAgentFinish, runId, tags);
  }

  /**
   * Present only while `awaitHandlers` is false. LangChain then takes the handler for a tracer, and calls its `_createRunFor…Start`
   * synchronously in the caller's stack, so that users and parents stay correct. It reports each run a second time through the queue.
   */
  get _addRunToRunMap(): (() => void) | undefined {
    return this.awaitHandlers ? undefined : () => {};
  }
  readonly _createRunForChatModelStart = this.handleChatModelStart.bind(this);
  readonly _createRunForLLMStart = this.handleLLMStart.bind(this);
  readonly _createRunForChainStart = this.handleChainStart.bind(this);
  readonly _createRunForToolStart = this.handleToolStart.bind(this);
  readonly _createRunForRetrieverStart = this.handleRetrieverStart.bind(this);

  /** Ignores a start that was reported before: LangChain can report one run twice, or to two handlers. */
  #start<Type extends RunType>(
    callback: string,
    startRun: StartRun<Type>,
    start: RunStart<Type>,
    first: unknown,
    second?: unknown,
  ): void {
    try {
      const tracing = this.#tracing();
      if (!tracing.registry.isRepeated(start.runId, start.tags))
        startSafely(tracing, startRun, start, first, second);
    } catch (error) {
      reportFailure(`LangChain callback ${callback}`, error);
    }
  }

  // Three parameters instead of a closure or a rest parameter, because it runs for every streamed token (test/bench/langchain.mjs).
  #dispatch(
    callback: string,
    handle: HandleEvent,
    runId: string,
    tags: unknown,
    first?: unknown,
    second?: unknown,
    third?: unknown,
  ): void {
    try {
      const { registry } = this.#tracing();
      const run = registry.find(runId, tags);
      if (run) handle(registry, run, first, second, third);
    } catch (error) {
      reportFailure(`LangChain callback ${callback}`, error);
    }
  }

  /** Looks up the provider for each callback, because it may be registered or replaced after the handler was created. */
  #tracing(): Tracing {
    const registry = registryOf(this.#settings.tracerProvider);
    if (this.#current?.registry === registry) return this.#current;
    this.#registries.add(registry);
    this.#current = { registry, settings: this.#settings };
    return this.#current;
  }
}

/** If the arguments cannot be read, opens the run without them, so that child runs find their parent. */
function startSafely<Type extends RunType>(
  tracing: Tracing,
  startRun: StartRun<Type>,
  start: RunStart<Type>,
  first: unknown,
  second: unknown,
): void {
  try {
    startRun(tracing, start, first, second);
  } catch (error) {
    if (!tracing.registry.find(start.runId, start.tags))
      startRun(tracing, minimalStart(start), first, second);
    throw error;
  }
}
