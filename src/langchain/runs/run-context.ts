import { type Context, context, createContextKey, type Span, trace } from '@opentelemetry/api';
import { asRecord } from '../../common/unknown-values.js';

/*
 * Finds and sets the active context of runs.
 *
 * LangChain awaits the start callback of a model in the function that then calls the model. `enterContext()` therefore sets the run's
 * context there, so that the model's HTTP request becomes a child of its span. It cannot restore the previous context: other prompts
 * and handlers that LangChain starts in the same function still see that of the first run. The context of each run thus carries a mark
 * with its run and the caller's own context. `callerContext()` follows the marks of runs that have ended, or belong to the same call,
 * back to the context of the caller.
 */

/** Marks a context as that of a run. */
interface RunMark {
  readonly runId: string;
  readonly span: Span;
  /** One object for all prompts of one `generate()`, and for all handlers of one run. */
  readonly extraParams: unknown;
  readonly outerContext: Context;
}

/** Receives the id of the first run that starts in a context. */
export interface FirstRun {
  runId: string | undefined;
  /** See the field of the run. */
  tags: unknown;
}

// createContextKey() is Symbol.for(): two copies of this package share the keys.
const RUN_MARK = createContextKey('opentelemetry-exporter-trubrics.run');
const FIRST_RUN = createContextKey('opentelemetry-exporter-trubrics.first-run');

/** Returns a context in which `span` is the active one, and which {@link isInsideRun} recognises. */
export function runContext(outerContext: Context, span: Span, runId: string, extraParams: unknown): Context {
  return new RunContext({ runId, span, extraParams, outerContext });
}

/**
 * Context with a mark. The context of the API copies all its values for each `setValue()`. This one sets the span only when a value
 * is read: most runs never read one.
 */
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
 * Returns the context that the caller of a run had. It skips contexts that {@link enterContext} left behind: of another prompt of
 * the same `generate()`, of another handler, or of a run that has ended.
 */
export function callerContext(
  active: Context,
  extraParams: unknown,
  isOpen: (runId: string, span: Span) => boolean,
): Context {
  let caller = active;
  let mark = markOf(caller);
  while (mark && trace.getSpan(caller) === mark.span) {
    const isSameCall = extraParams !== undefined && mark.extraParams === extraParams;
    if (!isSameCall && isOpen(mark.runId, mark.span)) break;
    caller = mark.outerContext;
    mark = markOf(caller);
  }
  return caller;
}

/**
 * Returns true if `active` is the context of that run or was made inside it. It may hold more than the run's own context. The ids of
 * `span` tell runs with the same id apart. Each handler of a run has a span object of its own, with the same ids.
 */
export function isInsideRun(active: Context, runId: string, span: Span | undefined): boolean {
  const mark = markOf(active);
  if (mark?.runId !== runId) return false;
  return span === undefined || mark.span === span || spanIdOf(mark.span) === spanIdOf(span);
}

/** Returns true if the active run is another prompt of the same `generate()`. */
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
 * Makes `target` the active context for the rest of the current async function.
 *
 * OpenTelemetry has no public function for this: `with()` needs a callback. LangChain awaits the start callback of a model in the
 * function that then calls the model, so that the context ends with that call. Without an AsyncLocalStorage in the context manager,
 * nothing happens.
 */
export function enterContext(target: Context): void {
  const { _getContextManager } = asRecord(context);
  if (typeof _getContextManager !== 'function') return;
  const manager: unknown = _getContextManager.call(context);
  const storage = asRecord(manager)['_asyncLocalStorage'];
  const { enabled, enterWith } = asRecord(storage);
  // Node 20 and 22 track async functions only after the first use of a storage. Before it, enterWith() would set the context of
  // the whole process.
  if (enabled === false) startAsyncTracking();
  else if (typeof enterWith === 'function') enterWith.call(storage, target);
}

/** Uses the context manager once, so that Node begins to track async functions. */
export function startAsyncTracking(): void {
  context.with(context.active(), () => {});
}

/** Returns a context that writes the id of the first run started in it to `first`. */
export function withFirstRun(outer: Context, first: FirstRun): Context {
  return outer.setValue(FIRST_RUN, first);
}

export function recordFirstRun(
  active: Context,
  { id, tags }: { readonly id: string; readonly tags: unknown },
): void {
  const first = active.getValue(FIRST_RUN) as FirstRun | undefined;
  if (!first || first.runId !== undefined) return;
  first.runId = id;
  first.tags = tags;
}

function spanIdOf(span: Span): string {
  return span.spanContext().spanId;
}

function markOf(ctx: Context): RunMark | undefined {
  return ctx.getValue(RUN_MARK) as RunMark | undefined;
}
