import { type Tracer, trace } from '@opentelemetry/api';
import { startDetachedTimer } from '../../common/background-timer.js';
import type { HandlerSettings } from '../options/handler-options.js';
import { type Inherited, ModelRun, type Run } from './run.js';

/** Ended runs that the registry remembers, because a late child may name them or LangChain may report them again. */
const MAX_ENDED = 2_000;

/** Runs above a new one that are marked as active. It bounds the search if parent ids form a circle. */
const MAX_ANCESTORS = 100;

/**
 * Open runs of one tracer provider.
 *
 * All handlers on a provider share one registry, so that a run reported twice gets one span: by two handlers, or by one that is
 * passed to the constructor and to the call (LangChain 0.3).
 *
 * LangChain does not report the end of a stream that is not read to its end. Therefore the number and the age of open runs are
 * bounded: whichever exceeds `maxOpenRuns` or is inactive for `maxRunAgeMs` is evicted, which ends its span as abandoned.
 */
export class RunRegistry {
  readonly tracer: Tracer;
  readonly #abandon: (run: Run) => void;
  /** Sorted by `orderedAtMs`. Eviction first moves runs that were active since then to the end. */
  readonly #open = new Map<string, Run>();
  /** Two generations: when the newer is full, the older is forgotten as a whole, without a search for the oldest entries. */
  #ended = new Map<string, Inherited | undefined>();
  #endedEarlier = new Map<string, Inherited | undefined>();
  #isTimerRunning = false;

  constructor(tracer: Tracer, abandon: (run: Run) => void) {
    this.tracer = tracer;
    this.#abandon = abandon;
  }

  get size(): number {
    return this.#open.size;
  }

  isKnown(runId: string): boolean {
    return this.#open.has(runId) || this.#ended.has(runId) || this.#endedEarlier.has(runId);
  }

  get(runId: string): Run | undefined {
    return this.#open.get(runId);
  }

  getModel(runId: string): ModelRun | undefined {
    const run = this.#open.get(runId);
    return run instanceof ModelRun ? run : undefined;
  }

  /** Returns what the children of a run inherit, whether it is open or has ended. */
  inheritedFrom(runId: string | undefined): Inherited | undefined {
    if (runId === undefined) return undefined;
    return this.#open.get(runId) ?? this.#ended.get(runId) ?? this.#endedEarlier.get(runId);
  }

  open(run: Run): void {
    this.#touchAncestors(run);
    this.#open.set(run.id, run);
    this.#evict(run.settings);
    this.#startEvictionTimer(run.settings);
  }

  /** Removes a run from the open ones. Returns undefined if it is not open. */
  end(runId: string): Run | undefined {
    const run = this.#open.get(runId);
    if (!run) return undefined;
    this.#open.delete(runId);
    this.#rememberEnded(run);
    return run;
  }

  /** Ends all open runs as abandoned, or those that the handler with these settings started. */
  abandonAll(settings?: HandlerSettings): void {
    for (const run of this.#open.values()) {
      if (settings === undefined || run.settings === settings) this.#endAsAbandoned(run);
    }
  }

  /**
   * Ends an open run whose stream is no longer read, its steps, and the sequences that it is a step of. Only its sequence reads the
   * stream of a step, and LangChain reports the end of neither.
   */
  abandonStream(runId: string): void {
    const run = this.#open.get(runId);
    if (!run) return;
    this.#abandonSteps(run);
    this.#endAsAbandoned(run);
    const parent = run.isStep && run.parentRunId !== undefined ? this.#open.get(run.parentRunId) : undefined;
    if (!parent) return;
    parent.lastActivityMs = Math.max(parent.lastActivityMs, run.lastActivityMs);
    this.abandonStream(parent.id);
  }

  /** Ends the steps that are chains. The ends of models and tools are noticed elsewhere. */
  #abandonSteps(parent: Run): void {
    if (parent.type !== 'chain') return;
    for (const run of this.#open.values()) {
      if (run.parentRunId !== parent.id || run.type !== 'chain' || !run.isStep) continue;
      this.#abandonSteps(run);
      this.#endAsAbandoned(run);
    }
  }

  #endAsAbandoned(run: Run): void {
    this.end(run.id);
    this.#abandon(run);
  }

  #rememberEnded(run: Run): void {
    if (this.#ended.size >= MAX_ENDED / 2) {
      this.#endedEarlier = this.#ended;
      this.#ended = new Map();
    }
    // The ids of models and retrievers suffice: they have no late children, and their spans hold whole conversations.
    const isLeaf = run.type === 'chat_model' || run.type === 'llm' || run.type === 'retriever';
    this.#ended.set(run.id, isLeaf ? undefined : withoutSpanData(run));
  }

  /** Updates the runs above `run`, so that a long agent run is not evicted while runs below it start. */
  #touchAncestors(run: Run): void {
    let parentId = run.parentRunId;
    for (let height = 1; height <= MAX_ANCESTORS; height += 1) {
      const parent = parentId === undefined ? undefined : this.#open.get(parentId);
      if (!parent) return;
      parent.lastActivityMs = run.lastActivityMs;
      parentId = parent.parentRunId;
    }
  }

  #evict({ maxOpenRuns, maxRunAgeMs }: HandlerSettings): void {
    const tooOld = Date.now() - maxRunAgeMs;
    for (const run of this.#open.values()) {
      if (this.#open.size <= maxOpenRuns && run.orderedAtMs > tooOld) return;
      if (run.lastActivityMs > run.orderedAtMs && run.lastActivityMs > tooOld) this.#moveToEnd(run);
      else this.#endAsAbandoned(run);
    }
  }

  #moveToEnd(run: Run): void {
    run.orderedAtMs = run.lastActivityMs;
    this.#open.delete(run.id);
    this.#open.set(run.id, run);
  }

  #startEvictionTimer(settings: HandlerSettings): void {
    if (this.#isTimerRunning) return;
    this.#isTimerRunning = startDetachedTimer(settings.maxRunAgeMs, () => {
      this.#isTimerRunning = false;
      this.#evict(settings);
      if (this.#open.size > 0) this.#startEvictionTimer(settings);
    });
  }
}

/** Replaces the span by its ids, so that its attributes can be freed. */
function withoutSpanData({ span, context, outerContext, identity, agent }: Run): Inherited {
  return {
    context: span ? trace.setSpanContext(outerContext, span.spanContext()) : context,
    identity,
    agent,
  };
}
