import { prepareContext } from './active-run.js';
import { addAgentAction, addAgentFinish, endChain, failRun, startChain } from './chain-span.js';
import { guard } from './boundary.js';
import { type HandlerSettings, handlerSettings, type LooseHandlerOptions } from './handler-options.js';
import { HandlerShape } from './handler-shape.js';
import { addChunk, addStreamEvent, endModel, failModel, startModel } from './model-span.js';
import { registryOf } from './registries.js';
import { endRetriever, startRetriever } from './retriever-span.js';
import { bareStart, type RunStart } from './run.js';
import type { RunRegistry } from './run-registry.js';
import type { Tracing } from './start-run.js';
import { endTool, startTool } from './tool-span.js';

/** Positional arguments are LangChain's: they are what its callback managers pass, whatever its type declarations say. */
type Tags = string[];
type Metadata = Record<string, unknown>;

/**
 * A LangChain.js callback handler that turns runs into OpenTelemetry spans in the GenAI conventions: models, chains, graphs, agents,
 * tools and retrievers, with prompt, answer, usage, user, conversation, tags and metadata.
 *
 * One instance serves the whole application, also concurrent requests. Who asks is said per call, in `config.metadata`, and
 * inherited by everything below:
 *
 * ```ts
 * const handler = new TrubricsCallbackHandler();
 * await model.invoke('Tell me a joke', { callbacks: [handler], metadata: { user_id: 'u-1', thread_id: 't-1' } });
 * ```
 *
 * LangChain tells a handler nothing of a stream that is left by `break` or never read: its run ends after `maxRunAgeMs`, or at
 * {@link shutdown}. {@link instrumentLangChain} sees it at once.
 *
 * Its methods are called by LangChain. They return at once and never throw.
 */
export class TrubricsCallbackHandler extends HandlerShape {
  readonly #settings: HandlerSettings;
  readonly #used = new Set<RunRegistry>();

  /** @throws TypeError for an option that is unknown or of the wrong kind */
  constructor(options: LooseHandlerOptions = {}) {
    super();
    this.#settings = handlerSettings(options);
    if (this.#settings.activate) guard('constructor', prepareContext);
  }

  /** Ends every run that is still open, such as streams that nobody read to the end. The handler can be used on. */
  shutdown(): Promise<void> {
    for (const registry of this.#used) guard('shutdown', () => registry.abandonAll(this.#settings));
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
    this.#start(
      'handleChatModelStart',
      { type: 'chat_model', serialized, runId, parentRunId, extraParams, tags, metadata, runName },
      (tracing, start) => startModel(tracing, start, messages),
    );
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
    this.#start(
      'handleLLMStart',
      { type: 'llm', serialized, runId, parentRunId, extraParams, tags, metadata, runName },
      (tracing, start) => startModel(tracing, start, prompts),
    );
  }

  handleLLMNewToken(
    token: string,
    index: { completion?: number } | undefined,
    runId: string,
    _parentRunId?: string,
    _tags?: Tags,
    fields?: { chunk?: unknown },
  ): void {
    this.#do('handleLLMNewToken', ({ registry }) =>
      addChunk(registry.get(runId), token, index?.completion, fields?.chunk),
    );
  }

  handleChatModelStreamEvent(event: unknown, runId: string): void {
    this.#do('handleChatModelStreamEvent', ({ registry }) => addStreamEvent(registry.get(runId), event));
  }

  handleLLMEnd(
    output: unknown,
    runId: string,
    _parentRunId?: string,
    _tags?: Tags,
    extraParams?: Metadata,
  ): void {
    this.#do('handleLLMEnd', ({ registry }) => endModel(registry, runId, output, extraParams));
  }

  handleLLMError(error: unknown, runId: string): void {
    this.#do('handleLLMError', ({ registry }) => failModel(registry, runId, error));
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
    this.#start(
      'handleChainStart',
      { type: 'chain', serialized, runId, parentRunId, tags, metadata, runName },
      (tracing, start) => startChain(tracing, start, chainType),
    );
  }

  handleChainEnd(_outputs: unknown, runId: string): void {
    this.#do('handleChainEnd', ({ registry }) => endChain(registry, runId));
  }

  handleChainError(error: unknown, runId: string): void {
    this.#do('handleChainError', ({ registry }) => failRun(registry, runId, error));
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
    this.#start(
      'handleToolStart',
      { type: 'tool', serialized, runId, parentRunId, tags, metadata, runName },
      (tracing, start) => startTool(tracing, start, input, toolCallId),
    );
  }

  handleToolEnd(output: unknown, runId: string): void {
    this.#do('handleToolEnd', ({ registry }) => endTool(registry, runId, output));
  }

  handleToolError(error: unknown, runId: string): void {
    this.#do('handleToolError', ({ registry }) => failRun(registry, runId, error));
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
    this.#start(
      'handleRetrieverStart',
      { type: 'retriever', serialized, runId, parentRunId, tags, metadata, runName },
      (tracing, start) => startRetriever(tracing, start, query),
    );
  }

  handleRetrieverEnd(documents: unknown, runId: string): void {
    this.#do('handleRetrieverEnd', ({ registry }) => endRetriever(registry, runId, documents));
  }

  handleRetrieverError(error: unknown, runId: string): void {
    this.#do('handleRetrieverError', ({ registry }) => failRun(registry, runId, error));
  }

  handleAgentAction(action: unknown, runId: string): void {
    this.#do('handleAgentAction', ({ registry }) => addAgentAction(registry.get(runId), action));
  }

  handleAgentEnd(_finish: unknown, runId: string): void {
    this.#do('handleAgentEnd', ({ registry }) => addAgentFinish(registry.get(runId)));
  }

  /**
   * By this method LangChain knows a tracer, whose `_createRunFor…Start` it calls in the caller's own stack, before it awaits or
   * queues anything: users and parents stay right even if somebody sets `awaitHandlers` to false. What follows is the same run again.
   */
  _addRunToRunMap(): void {}
  readonly _createRunForChatModelStart = this.handleChatModelStart.bind(this);
  readonly _createRunForLLMStart = this.handleLLMStart.bind(this);
  readonly _createRunForChainStart = this.handleChainStart.bind(this);
  readonly _createRunForToolStart = this.handleToolStart.bind(this);
  readonly _createRunForRetrieverStart = this.handleRetrieverStart.bind(this);

  /** What LangChain starts twice, or for two handlers, begins once. */
  #start(callback: string, start: RunStart, work: (tracing: Tracing, start: RunStart) => void): void {
    this.#do(callback, (tracing) => {
      if (tracing.registry.knows(start.runId)) return;
      try {
        work(tracing, start);
      } finally {
        // Something in it cannot be read. The run is there all the same, and what runs below it.
        if (!tracing.registry.knows(start.runId)) work(tracing, bareStart(start));
      }
    });
  }

  #do(callback: string, work: (tracing: Tracing) => void): void {
    guard(callback, () => {
      const registry = registryOf(this.#settings.tracerProvider);
      this.#used.add(registry);
      work({ registry, settings: this.#settings });
    });
  }
}
