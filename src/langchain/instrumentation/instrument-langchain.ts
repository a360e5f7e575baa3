import { context } from '@opentelemetry/api';
import { defineOptions, type OptionTable } from '../../common/define-options.js';
import { isInsideRun } from '../runs/run-context.js';
import { TrubricsCallbackHandler } from '../handler/callback-handler.js';
import { guard } from '../../common/guard.js';
import { warnOnce } from '../../common/logger.js';
import { HANDLER_OPTIONS, type TrubricsCallbackHandlerOptions } from '../options/handler-options.js';
import { endLeftStream } from '../spans/model-span.js';
import { isRecord } from '../../common/unknown-values.js';
import { registryOf } from '../handler/registries.js';
import { patchCallbackManager } from './add-handler.js';
import { watchChainStreams } from './chain-streams.js';
import { patchConfigStorage } from './implicit-context.js';
import { importLangChain, requireLangChain } from './load-modules.js';
import { Patches } from './patches.js';
import { type RunHooks, activateSpans } from './activate-spans.js';
import { watchStream } from './watch-stream.js';

/** Options of {@link instrumentLangChain}: those of the handler, and where LangChain is. */
export interface InstrumentLangChainOptions extends TrubricsCallbackHandlerOptions {
  /**
   * Modules of `@langchain/core` as the application imports them: `callbacks/manager`, and for active spans and abandoned streams
   * also `language_models/chat_models`, `language_models/llms`, `tools`, `retrievers`, `runnables`. They are instrumented at once and nothing is
   * loaded. Needed where LangChain is bundled with the application, or installed more than once.
   *
   * Default: the ESM and the CommonJS copy that can be imported and required.
   */
  readonly modules?: readonly unknown[];
}

const OPTIONS = {
  ...HANDLER_OPTIONS,
  modules: { accepts: 'an array of modules', check: Array.isArray },
} as const satisfies OptionTable<InstrumentLangChainOptions>;

const checkOptions = defineOptions<InstrumentLangChainOptions, typeof OPTIONS>(OPTIONS);

/** Undoes {@link instrumentLangChain} when called. Runs that are open are still told to their end. */
export interface LangChainInstrumentation {
  (): void;
  /** Resolves when LangChain is instrumented. Never rejects. */
  readonly ready: Promise<void>;
  /** Ends every run that is still open, such as streams that nobody read to the end. */
  shutdown(): Promise<void>;
}

/** On a global symbol: the ESM and the CommonJS copy of this package instrument once between them. */
const STATE = Symbol.for('opentelemetry-exporter-trubrics.langchain');

interface State {
  readonly patch: (modules: readonly unknown[]) => void;
}

/**
 * Traces every LangChain.js run of the process without a handler in any call, and makes the span of each run the active one while it
 * works: HTTP spans lie under the model, spans of your own under the tool, the lambda or the graph's node that made them. Streams
 * that are left by `break` end their spans then and there.
 *
 * In force from the moment `ready` resolves, also for servers and timers created before; with `modules`, at once. While it is in
 * force a second call changes nothing, except that it adds `modules`. Calls that have a handler of this package keep that one.
 *
 * ```ts
 * const undo = instrumentLangChain({ tags: ['production'] });
 * await undo.ready;
 * ```
 *
 * @throws TypeError for an option that is unknown or of the wrong kind
 */
export function instrumentLangChain(options: InstrumentLangChainOptions = {}): LangChainInstrumentation {
  checkOptions(options);
  const { modules, ...handlerOptions } = options;
  const handler = new TrubricsCallbackHandler(handlerOptions);
  const holder = globalThis as { [STATE]?: State | undefined };
  if (holder[STATE]) {
    guard('instrumentLangChain', () => holder[STATE]?.patch(modules ?? []));
    return instrumentation(() => {}, Promise.resolve(), handlerOptions);
  }
  const patches = new Patches();
  const state: State = { patch: patcher(patches, handler, handlerOptions) };
  holder[STATE] = state;
  const undo = (): void => {
    patches.undo();
    if (holder[STATE] === state) holder[STATE] = undefined;
  };
  return instrumentation(undo, modules ? patchNow(state, modules) : patchAll(state, patches), handlerOptions);
}

function patchNow(state: State, modules: readonly unknown[]): Promise<void> {
  guard('instrumentLangChain', () => state.patch(modules));
  return Promise.resolve();
}

async function patchAll(state: State, patches: Patches): Promise<void> {
  const required = requireLangChain();
  guard('instrumentLangChain', () => state.patch(required));
  const imported = await importLangChain();
  if (!patches.isActive) return;
  guard('instrumentLangChain', () => state.patch(imported));
  if (required.length + imported.length === 0)
    warnOnce('instrumentLangChain found no @langchain/core: hand its modules over in the option "modules"');
}

function patcher(
  patches: Patches,
  handler: TrubricsCallbackHandler,
  options: TrubricsCallbackHandlerOptions,
): State['patch'] {
  const hooks = runHooks(options);
  const handlerFor = (userId?: string, threadId?: string): object => {
    if (userId === undefined && threadId === undefined) return handler;
    return new TrubricsCallbackHandler({
      ...options,
      ...(userId !== undefined && { userId }),
      ...(threadId !== undefined && { threadId }),
    });
  };
  return (modules) => {
    patchConfigStorage(patches, hooks);
    for (const exported of modules.filter(isRecord)) {
      patchCallbackManager(patches, exported['CallbackManager'], handlerFor);
      activateSpans(patches, exported, hooks);
      watchChainStreams(patches, exported, (runId) => hooks.left(runId));
    }
  };
}

function runHooks({ tracerProvider, activate = true }: TrubricsCallbackHandlerOptions): RunHooks {
  const inside = <T>(runId: string, work: () => T): T => {
    const active = context.active();
    const target = activate ? registryOf(tracerProvider).inheritedFrom(runId)?.context : undefined;
    // Inside the run already: the user's own span may be the active one.
    return target === undefined || isInsideRun(active, runId) ? work() : context.with(target, work);
  };
  const left = (runId: string): void =>
    guard('LangChain stream', () => endLeftStream(registryOf(tracerProvider), runId));
  return {
    inside,
    left,
    watch: (runId, stream) =>
      watchStream(stream, {
        inside: (work) => inside(runId, work),
        read: (text) =>
          guard('LangChain stream', () => registryOf(tracerProvider).getModel(runId)?.partial.markRead(text)),
        left: () => left(runId),
      }),
  };
}

function instrumentation(
  undo: () => void,
  ready: Promise<void>,
  { tracerProvider }: TrubricsCallbackHandlerOptions,
): LangChainInstrumentation {
  const shutdown = (): Promise<void> => {
    guard('LangChain shutdown', () => registryOf(tracerProvider).abandonAll());
    return Promise.resolve();
  };
  return Object.assign(undo, { ready, shutdown });
}
