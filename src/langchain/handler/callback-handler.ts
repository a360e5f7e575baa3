import { prepareContext } from '../runs/run-context.js';
import { addAgentAction, addAgentFinish, endChain, failRun, startChain } from '../spans/chain-span.js';
import { guard, reportFailure } from '../../common/guard.js';
import type { OrUndefined } from '../../common/define-options.js';
import {
  type HandlerSettings,
  handlerSettings,
  type TrubricsCallbackHandlerOptions,
} from '../options/handler-options.js';
import { HandlerShape } from './handler-shape.js';
import { addStreamEvent, addToken, endModel, failModel, startModel } from '../spans/model-span.js';
import { registryOf } from './registries.js';
import { endRetriever, startRetriever } from '../spans/retriever-span.js';
import { bareStart, type RunStart } from '../runs/run.js';
import type { RunRegistry } from '../runs/run-registry.js';
import type { Tracing } from '../runs/run-span.js';
import { endTool, startTool } from '../spans/tool-span.js';

/** Positional arguments are LangChain's: they are what its callback managers pass, whatever its type declarations say. */
type Tags = string[];
type Metadata = Record<string, unknown>;

type BeginRun = (tracing: Tracing, start: RunStart, first: unknown, second: unknown) => void;
type HearOfRun = (
  registry: RunRegistry,
  runId: string,
  first: unknown,
  second: unknown,
  third: unknown,
) => void;

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
  #current: Tracing | undefined;

  /** @throws TypeError for an option that is unknown or of the wrong kind */
  constructor(options: OrUndefined<TrubricsCallbackHandlerOptions> = {}) {
    super();
    this.#settings = handlerSettings(options);
    if (this.#settings.activate) guard('LangChain constructor', prepareContext);
  }

  /** Ends every run that is still open, such as streams that nobody read to the end. The handler can be used on. */
  shutdown(): Promise<void> {
    for (const registry of this.#used) guard('LangChain shutdown', () => registry.abandonAll(this.#settings));
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
    const type = 'chat_model';
    const start = { type, serialized, runId, parentRunId, extraParams, tags, metadata, runName } as const;
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
    const type = 'llm';
    const start = { type, serialized, runId, parentRunId, extraParams, tags, metadata, runName } as const;
    this.#start('handleLLMStart', startModel, start, prompts);
  }

  handleLLMNewToken(
    token: string,
    index: unknown,
    runId: string,
    _parentRunId?: string,
    _tags?: Tags,
    fields?: unknown,
  ): void {
    this.#tell('handleLLMNewToken', addToken, runId, token, index, fields);
  }

  handleChatModelStreamEvent(event: unknown, runId: string): void {
    this.#tell('handleChatModelStreamEvent', addStreamEvent, runId, event);
  }

  handleLLMEnd(
    output: unknown,
    runId: string,
    _parentRunId?: string,
    _tags?: Tags,
    extraParams?: Metadata,
  ): void {
    this.#tell('handleLLMEnd', endModel, runId, output, extraParams);
  }

  handleLLMError(error: unknown, runId: string): void {
    this.#tell('handleLLMError', failModel, runId, error);
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
    const start = { type: 'chain', serialized, runId, parentRunId, tags, metadata, runName } as const;
    this.#start('handleChainStart', startChain, start, chainType);
  }

  handleChainEnd(_outputs: unknown, runId: string): void {
    this.#tell('handleChainEnd', endChain, runId);
  }

  handleChainError(error: unknown, runId: string): void {
    this.#tell('handleChainError', failRun, runId, error);
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
    const start = { type: 'tool', serialized, runId, parentRunId, tags, metadata, runName } as const;
    this.#start('handleToolStart', startTool, start, input, toolCallId);
  }

  handleToolEnd(output: unknown, runId: string): void {
    this.#tell('handleToolEnd', endTool, runId, output);
  }

  handleToolError(error: unknown, runId: string): void {
    this.#tell('handleToolError', failRun, runId, error);
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
    const start = { type: 'retriever', serialized, runId, parentRunId, tags, metadata, runName } as const;
    this.#start('handleRetrieverStart', startRetriever, start, query);
  }

  handleRetrieverEnd(documents: unknown, runId: string): void {
    this.#tell('handleRetrieverEnd', endRetriever, runId, documents);
  }

  handleRetrieverError(error: unknown, runId: string): void {
    this.#tell('handleRetrieverError', failRun, runId, error);
  }

  handleAgentAction(action: unknown, runId: string): void {
    this.#tell('handleAgentAction', addAgentAction, runId, action);
  }

  handleAgentEnd(_finish: unknown, runId: string): void {
    this.#tell('handleAgentEnd', addAgentFinish, runId);
  }

  /**
   * By this method LangChain knows a tracer, whose `_createRunFor…Start` it calls in the caller's own stack, before it awaits or
   * queues anything: users and parents stay right even if somebody sets `awaitHandlers` to false. What follows is the same run again,
   * which is of no use while LangChain waits.
   */
  get _addRunToRunMap(): (() => void) | undefined {
    return this.awaitHandlers ? undefined : () => {};
  }
  readonly _createRunForChatModelStart = this.handleChatModelStart.bind(this);
  readonly _createRunForLLMStart = this.handleLLMStart.bind(this);
  readonly _createRunForChainStart = this.handleChainStart.bind(this);
  readonly _createRunForToolStart = this.handleToolStart.bind(this);
  readonly _createRunForRetrieverStart = this.handleRetrieverStart.bind(this);

  /** What LangChain starts twice, or for two handlers, begins once. */
  #start(callback: string, begin: BeginRun, start: RunStart, first: unknown, second?: unknown): void {
    try {
      const tracing = this.#tracing();
      if (!tracing.registry.knows(start.runId)) beginSafely(tracing, begin, start, first, second);
    } catch (error) {
      reportFailure(`LangChain callback ${callback}`, error);
    }
  }

  // Without a closure, and without rest parameters: a model that streams tells each of its tokens.
  #tell(
    callback: string,
    hear: HearOfRun,
    runId: string,
    first?: unknown,
    second?: unknown,
    third?: unknown,
  ): void {
    try {
      hear(this.#tracing().registry, runId, first, second, third);
    } catch (error) {
      reportFailure(`LangChain callback ${callback}`, error);
    }
  }

  /** The provider may be registered, or change, after the handler was made. */
  #tracing(): Tracing {
    const registry = registryOf(this.#settings.tracerProvider);
    if (this.#current?.registry === registry) return this.#current;
    this.#used.add(registry);
    this.#current = { registry, settings: this.#settings };
    return this.#current;
  }
}

/** If something of it cannot be read, the run is there all the same, and what runs below it. */
function beginSafely(
  tracing: Tracing,
  begin: BeginRun,
  start: RunStart,
  first: unknown,
  second: unknown,
): void {
  try {
    begin(tracing, start, first, second);
  } catch (error) {
    if (!tracing.registry.knows(start.runId)) begin(tracing, bareStart(start), first, second);
    throw error;
  }
}
