import { type Context, context, createContextKey, type Span, trace } from '@opentelemetry/api';

/** Says which run a context belongs to. */
interface RunMark {
  readonly runId: string;
  readonly span: Span;
  /** One object for all prompts of one `generate()`, and for all handlers of one run. */
  readonly extraParams: unknown;
  readonly outerContext: Context;
}

// createContextKey() is Symbol.for(): two copies of this package share the key.
const RUN_MARK = createContextKey('opentelemetry-exporter-trubrics.run');

/** A context in which `span` is the active one, recognisable as that of the run. */
export function runContext(outerContext: Context, span: Span, runId: string, extraParams: unknown): Context {
  return new RunContext({ runId, span, extraParams, outerContext });
}

/** A context with a mark on it. The API's own copies every value that it holds each time one is set: here, only if one is asked for. */
class RunContext implements Context {
  readonly #mark: RunMark;
  #values: Context | undefined;

  constructor(mark: RunMark, values?: Context) {
    this.#mark = mark;
    this.#values = values;
  }
  getValue(key: symbol): unknown {
    return key === RUN_MARK ? this.#mark : this.#all().getValue(key);
  }
  setValue(key: symbol, value: unknown): Context {
    return new RunContext(this.#mark, this.#all().setValue(key, value));
  }
  deleteValue(key: symbol): Context {
    return new RunContext(this.#mark, this.#all().deleteValue(key));
  }
  #all(): Context {
    this.#values ??= trace.setSpan(this.#mark.outerContext, this.#mark.span);
    return this.#values;
  }
}

/**
 * The context that the caller of a run had, without what {@link enterContext} left behind in it: the run of another prompt of the
 * same `generate()`, of another handler, or one that has ended.
 */
export function callerContext(
  active: Context,
  extraParams: unknown,
  isOpen: (runId: string) => boolean,
): Context {
  let caller = active;
  for (let mark = markOf(caller); mark && trace.getSpan(caller) === mark.span; mark = markOf(caller)) {
    const sameCall = extraParams !== undefined && mark.extraParams === extraParams;
    if (!sameCall && isOpen(mark.runId)) return caller;
    caller = mark.outerContext;
  }
  return caller;
}

/** Whether `active` is the context of that run, or one made inside it: then it knows more than the run's own context. */
export function isInsideRun(active: Context, runId: string): boolean {
  return markOf(active)?.runId === runId;
}

/** Whether the active run is another prompt of the same `generate()`. */
export function isSiblingPrompt(active: Context, runId: string, extraParams: unknown): boolean {
  const mark = markOf(active);
  return (
    mark !== undefined &&
    mark.runId !== runId &&
    extraParams !== undefined &&
    mark.extraParams === extraParams
  );
}

/**
 * Makes `target` the active context for what the current async function does from here on.
 *
 * OpenTelemetry has no public call for it (`with()` needs a function to run inside). LangChain awaits the start callback of a model
 * in the function that then calls the model, so that the context ends with the model's call. Where the context manager has no
 * AsyncLocalStorage, nothing happens.
 */
export function enterContext(target: Context): void {
  const manager = (context as unknown as { _getContextManager?: () => unknown })._getContextManager?.();
  const storage = (manager as { _asyncLocalStorage?: unknown } | undefined)?._asyncLocalStorage;
  const { enabled, enterWith } = (storage ?? {}) as { enabled?: unknown; enterWith?: unknown };
  // Until its first use, Node 20 and 22 do not track async functions: the context would enter whatever is outside all of them.
  if (enabled === false) prepareContext();
  else if (typeof enterWith === 'function') enterWith.call(storage, target);
}

/** Lets the context manager begin to track async functions. */
export function prepareContext(): void {
  context.with(context.active(), () => {});
}

function markOf(ctx: Context): RunMark | undefined {
  return ctx.getValue(RUN_MARK) as RunMark | undefined;
}

/** The first run that opens in a context. */
export interface FirstRun {
  runId: string | undefined;
}

const FIRST_RUN = createContextKey('opentelemetry-exporter-trubrics.first-run');

/** A context whose first run is told to `first`. */
export function withFirstRun(outer: Context, first: FirstRun): Context {
  return outer.setValue(FIRST_RUN, first);
}

export function noteFirstRun(active: Context, runId: string): void {
  const first = active.getValue(FIRST_RUN) as FirstRun | undefined;
  if (first) first.runId ??= runId;
}
