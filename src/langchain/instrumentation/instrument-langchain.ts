import { context } from '@opentelemetry/api';
import { defineOptions, type OptionTable } from '../../common/options/define-options.js';
import { isModelRun } from '../runs/run.js';
import { isInsideRun } from '../runs/run-context.js';
import { TrubricsCallbackHandler } from '../handler/callback-handler.js';
import { guard } from '../../common/guard.js';
import { warnOnce } from '../../common/logger.js';
import { HANDLER_OPTIONS, type TrubricsCallbackHandlerOptions } from '../options/handler-options.js';
import { endLeftStream } from '../spans/model-span.js';
import { asRecord, asText, isRecord } from '../../common/unknown-values.js';
import { registryOf } from '../handler/registries.js';
import { patchCallbackManager } from './add-handler.js';
import { watchChainStreams } from './chain-streams.js';
import { patchConfigStorage } from './implicit-context.js';
import { importLangChain, requireLangChain } from './load-modules.js';
import { Patches } from './patches.js';
import { type RunHooks, type RunReference, activateSpans } from './activate-spans.js';
import { watchStream } from './watch-stream.js';

/** Options of {@link instrumentLangChain}: those of the handler, and the modules to patch. */
export interface InstrumentLangChainOptions extends TrubricsCallbackHandlerOptions {
  /**
   * Modules of `@langchain/core` as the application imports them: `callbacks/manager`, and for active spans and abandoned streams
   * also `language_models/chat_models`, `language_models/llms`, `tools`, `retrievers`, `runnables`. They are patched at once, and no
   * module is loaded. Needed if LangChain is bundled with the application, or installed more than once.
   *
   * Default: the ESM and the CommonJS copy that can be imported and required.
   */
  readonly modules?: readonly unknown[] | undefined;
}

const OPTIONS = {
  ...HANDLER_OPTIONS,
  modules: { accepts: 'an array of modules', check: Array.isArray },
} as const satisfies OptionTable<InstrumentLangChainOptions>;

const checkOptions = defineOptions<InstrumentLangChainOptions, typeof OPTIONS>(OPTIONS);

/** Undoes {@link instrumentLangChain} when called. Runs that are open then are still recorded to their end. */
export interface LangChainInstrumentation {
  (): void;
  /** Resolves when LangChain is patched. Never rejects. */
  readonly ready: Promise<void>;
  /** Ends all open runs, such as streams that were not read to the end. */
  shutdown(): Promise<void>;
}

/** Global symbol that the ESM and the CommonJS copy of this package share, so that LangChain is patched once. */
const STATE = Symbol.for('opentelemetry-exporter-trubrics.langchain');

interface State {
  readonly patch: (modules: readonly unknown[]) => void;
}

/**
 * Traces all LangChain.js runs of the process without a handler in the calls. The span of a run is active while the run works: HTTP
 * spans become children of the model, your own spans children of the tool, lambda or graph node that starts them. A stream that is
 * left by `break` ends its span at once.
 *
 * It takes effect when `ready` resolves, also for servers and timers created before; with `modules`, at once. A second call has no
 * effect before the first is undone, except that it adds `modules`. Calls that have a handler of this package keep that one.
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
    return toInstrumentation(() => {}, Promise.resolve(), handlerOptions);
  }
  const patches = new Patches();
  const state: State = { patch: createPatch(patches, handler, handlerOptions) };
  holder[STATE] = state;
  const undo = (): void => {
    patches.undo();
    if (holder[STATE] === state) holder[STATE] = undefined;
  };
  return toInstrumentation(
    undo,
    modules ? patchModules(state, modules) : patchInstalled(state, patches),
    handlerOptions,
  );
}

function patchModules(state: State, modules: readonly unknown[]): Promise<void> {
  guard('instrumentLangChain', () => state.patch(modules));
  return Promise.resolve();
}

async function patchInstalled(state: State, patches: Patches): Promise<void> {
  const required = requireLangChain();
  guard('instrumentLangChain', () => state.patch(required));
  const imported = await importLangChain();
  if (!patches.isActive) return;
  guard('instrumentLangChain', () => state.patch(imported));
  if (required.length + imported.length === 0)
    warnOnce('instrumentLangChain found no @langchain/core: pass its modules in the option "modules"');
}

function createPatch(
  patches: Patches,
  handler: TrubricsCallbackHandler,
  options: TrubricsCallbackHandlerOptions,
): State['patch'] {
  const hooks = createHooks(options);
  const createHandler = (userId?: string, threadId?: string): object => {
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
      patchCallbackManager(patches, exported['CallbackManager'], createHandler);
      activateSpans(patches, exported, hooks);
      watchChainStreams(patches, exported, (run) => hooks.onStreamLeft(run));
    }
  };
}

function createHooks({ tracerProvider, activate = true }: TrubricsCallbackHandlerOptions): RunHooks {
  const inside = <T>({ runId, tags }: RunReference, work: () => T): T => {
    const active = context.active();
    const target = activate ? registryOf(tracerProvider).inheritedFrom(runId, tags) : undefined;
    // Inside the run already: keeps the active span, which may be the user's own.
    return target === undefined || isInsideRun(active, runId, target.span)
      ? work()
      : context.with(target.context, work);
  };
  const left = ({ runId, tags }: RunReference): void =>
    guard('LangChain stream', () => {
      const registry = registryOf(tracerProvider);
      const run = registry.find(runId, tags);
      if (run) endLeftStream(registry, run);
    });
  return {
    runInside: inside,
    onStreamLeft: left,
    watchStream: (reference, stream) =>
      watchStream(stream, {
        runInside: (work) => inside(reference, work),
        onRead: (chunk) =>
          guard('LangChain stream', () => {
            const run = registryOf(tracerProvider).find(reference.runId, reference.tags);
            if (!isModelRun(run)) return;
            // The package of Google's GenAI SDK reports tokens without their chunk.
            run.partial.addUsage(chunk);
            run.partial.markRead(asText(asRecord(chunk)['text']) ?? '');
          }),
        onLeft: () => left(reference),
      }),
  };
}

function toInstrumentation(
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
