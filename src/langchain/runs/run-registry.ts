import { type Context, type Span, trace } from '@opentelemetry/api';
import { startDetachedTimer } from '../../common/background-timer.js';
import { isPowerOfTen } from '../../common/guard.js';
import { logger } from '../../common/logger.js';
import type { RunTracer } from '../../common/spans/run-spans.js';
import { weakReference } from '../../common/weak-reference.js';
import type { HandlerSettings } from '../options/handler-options.js';
import type { RunMetadata } from '../options/run-metadata.js';
import { chooseParent } from './choose-parent.js';
import { type Inherited, isModelRun, openRun, type Run } from './run.js';
import type { RunIdentity } from './run-identity.js';

/** Ended runs that the registry remembers, because a late child may name them or LangChain may report them again. */
const MAX_ENDED = 2_000;

/** Runs above a new one that are marked as active. It bounds the cost of a start. */
const MAX_ANCESTORS = 100;

/**
 * Open runs of one tracer provider.
 *
 * All handlers on a provider share one registry, so that a run reported twice gets one span: by two handlers, or by one that is
 * passed to the constructor and to the call (LangChain 0.3).
 *
 * Applications give several runs the same id: by a config that is shared between calls, or by `withConfig({ runId })`. Such runs differ
 * in their array of tags, which LangChain makes for each run and passes to all its callbacks. A start with a known id and another array
 * is a new run. Children name only the id of their parent: see {@link chooseParent}.
 *
 * LangChain does not report the end of a stream that is not read to its end. Therefore the number and the age of open runs are
 * bounded: whichever exceeds `maxOpenRuns` or is inactive for `maxRunAgeMs` is evicted, which ends its span as abandoned.
 */
export class RunRegistry {
  readonly tracer: RunTracer;
  readonly #abandon: (run: Run) => void;
  /** Id that {@link isRepeated} has found to be new. It saves {@link open} the same search. */
  #newId: string | undefined;
  /** By `key`. Sorted by `orderedAtMs`. Eviction first moves runs that were active since then to the end. */
  readonly #open = new Map<string, Run>();
  /** Open runs whose id was known when they started, by id. */
  readonly #reused = new Map<string, Run[]>();
  #reuseCount = 0;
  #ambiguousCount = 0;
  /**
   * Two generations: when the newer is full, the older is forgotten as a whole, without a search for the oldest entries. Of models and
   * retrievers only the tags are kept: they have no late children, and their spans hold whole conversations.
   */
  #ended = new Map<string, unknown>();
  #endedEarlier = new Map<string, unknown>();
  #isTimerRunning = false;

  constructor(tracer: RunTracer, abandon: (run: Run) => void) {
    this.tracer = tracer;
    this.#abandon = abandon;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Returns true for a start that was reported before, not for a new run with a known id. */
  isRepeated(runId: string, tags: unknown): boolean {
    if (!this.#isKnown(runId)) {
      this.#newId = runId;
      return false;
    }
    if (this.#open.get(runId)?.tags === tags || this.#reused.get(runId)?.some((run) => run.tags === tags))
      return true;
    if (tags === undefined) {
      this.#countAmbiguous('a start without tags');
      return true;
    }
    const ended = this.#ended.get(runId) ?? this.#endedEarlier.get(runId);
    return (ended instanceof EndedParent ? ended.tags : ended) === tags;
  }

  /** Returns the open run of a callback. */
  find(runId: string, tags: unknown): Run | undefined {
    const run = this.#open.get(runId);
    if (run !== undefined && run.tags === tags) return run;
    const reused = this.#reused.get(runId);
    if (!reused) return run;
    if (tags !== undefined) return reused.find((other) => other.tags === tags);
    if (!run && reused.length === 1) return reused[0];
    this.#countAmbiguous('a callback without tags');
    return undefined;
  }

  /** Returns true if the run with this span is open. */
  isOpen(runId: string, span: Span): boolean {
    return (
      this.#open.get(runId)?.span === span ||
      this.#reused.get(runId)?.some((run) => run.span === span) === true
    );
  }

  /** Returns what a new run inherits from its parent, whether that is open or has ended. */
  parentOf(parentRunId: string | undefined, active: Context, metadata: RunMetadata): Inherited | undefined {
    if (parentRunId === undefined) return undefined;
    const reused = this.#reused.get(parentRunId);
    if (!reused) return this.#open.get(parentRunId) ?? this.#endedParent(parentRunId);
    const parent = chooseParent(this.#withId(parentRunId, reused), active, metadata);
    if (!parent) this.#countAmbiguous('a run below one of them');
    return parent;
  }

  /** Returns a run that is open or has ended; undefined if several have the id and `tags` does not tell them apart. */
  inheritedFrom(runId: string, tags: unknown): Inherited | undefined {
    const reused = this.#reused.get(runId);
    if (!reused) return this.#open.get(runId) ?? this.#endedParent(runId);
    const runs = this.#withId(runId, reused).filter((run) => tags === undefined || run.tags === tags);
    return runs.length === 1 ? runs[0] : undefined;
  }

  open(run: Run): void {
    this.#touchAncestors(run);
    if (run.id !== this.#newId && this.#isKnown(run.id)) this.#addReused(run);
    this.#newId = undefined;
    // Before the run is added: if all others were active since they began, it would be the one to go.
    this.#evict(run.settings, 1, run.lastActivityMs);
    this.#open.set(run.key, run);
    this.#startEvictionTimer(run.settings);
  }

  /** Removes a run from the open ones. Returns false if it is not open. */
  end(run: Run): boolean {
    if (this.#open.get(run.key) !== run) return false;
    this.#open.delete(run.key);
    if (run.key !== run.id) this.#removeReused(run);
    this.#rememberEnded(run);
    return true;
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
  abandonStream(run: Run): void {
    if (!this.#endAsAbandoned(run)) return;
    this.#abandonSteps(run);
    const parent = run.isStep ? this.#openParent(run) : undefined;
    if (!parent) return;
    parent.lastActivityMs = Math.max(parent.lastActivityMs, run.lastActivityMs);
    this.abandonStream(parent);
  }

  /** Ends the steps that are chains. The ends of models and tools are noticed elsewhere. */
  #abandonSteps(parent: Run): void {
    if (parent.type !== 'chain') return;
    for (const run of this.#open.values()) {
      if (run.parent === parent && run.type === 'chain' && run.isStep && this.#endAsAbandoned(run))
        this.#abandonSteps(run);
    }
  }

  #endAsAbandoned(run: Run): boolean {
    if (!this.end(run)) return false;
    this.#abandon(run);
    return true;
  }

  #isKnown(runId: string): boolean {
    return (
      this.#open.has(runId) ||
      this.#ended.has(runId) ||
      this.#endedEarlier.has(runId) ||
      this.#reused.has(runId)
    );
  }

  #withId(runId: string, reused: readonly Run[]): readonly Run[] {
    const first = this.#open.get(runId);
    return first ? [first, ...reused] : reused;
  }

  #addReused(run: Run): void {
    this.#reuseCount += 1;
    // No id of LangChain has a space.
    run.key = `${run.id} ${this.#reuseCount}`;
    const others = this.#reused.get(run.id);
    if (others) others.push(run);
    else this.#reused.set(run.id, [run]);
    if (isPowerOfTen(this.#reuseCount))
      logger.warn(
        `A LangChain run has the id of an earlier run (${this.#reuseCount} in this process). Each is recorded, but their traces and ` +
          'feedback by run id are mixed up. Give each call a runId of its own, or none.',
      );
  }

  #removeReused(run: Run): void {
    const others = this.#reused.get(run.id)?.filter((other) => other !== run) ?? [];
    if (others.length > 0) this.#reused.set(run.id, others);
    else this.#reused.delete(run.id);
  }

  #countAmbiguous(place: string): void {
    this.#ambiguousCount += 1;
    if (isPowerOfTen(this.#ambiguousCount))
      logger.warn(
        `LangChain runs with the same id cannot be told apart: ${place} is not assigned to a run (${this.#ambiguousCount} in this process)`,
      );
  }

  #endedParent(runId: string): Inherited | undefined {
    const ended = this.#ended.get(runId) ?? this.#endedEarlier.get(runId);
    return ended instanceof EndedParent ? ended : undefined;
  }

  #openParent({ parent }: Run): Run | undefined {
    const run = openRun(parent);
    return run && this.#open.get(run.key) === run ? run : undefined;
  }

  #rememberEnded(run: Run): void {
    if (this.#ended.size >= MAX_ENDED / 2) {
      this.#endedEarlier = this.#ended;
      this.#ended = new Map();
    }
    const isLeaf = isModelRun(run) || run.type === 'retriever';
    this.#ended.set(run.id, isLeaf ? run.tags : new EndedParent(run));
  }

  /** Updates the runs above `run`, so that a long agent run is not evicted while runs below it start. */
  #touchAncestors(run: Run): void {
    let parent = this.#openParent(run);
    for (let height = 1; parent && height <= MAX_ANCESTORS; height += 1) {
      parent.lastActivityMs = run.lastActivityMs;
      parent = this.#openParent(parent);
    }
  }

  /** Makes room for `added` further runs, and ends runs that are inactive for too long. */
  #evict({ maxOpenRuns, maxRunAgeMs }: HandlerSettings, added: number, nowMs: number): void {
    if (this.#open.size === 0) return;
    const tooOld = nowMs - maxRunAgeMs;
    for (const run of this.#open.values()) {
      if (this.#open.size + added <= maxOpenRuns && run.orderedAtMs > tooOld) return;
      if (run.lastActivityMs > run.orderedAtMs && run.lastActivityMs > tooOld) this.#moveToEnd(run);
      else this.#endAsAbandoned(run);
    }
  }

  #moveToEnd(run: Run): void {
    run.orderedAtMs = run.lastActivityMs;
    this.#open.delete(run.key);
    this.#open.set(run.key, run);
  }

  /**
   * The timer does not keep the registry alive: a handler of `./standalone` that is made for each request has a registry of its own.
   */
  #startEvictionTimer(settings: HandlerSettings): void {
    if (this.#isTimerRunning) return;
    const registry = weakReference(this);
    const weakSettings = weakReference(settings);
    this.#isTimerRunning = startDetachedTimer(settings.maxRunAgeMs, () => {
      const self = registry.deref();
      const settingsLeft = weakSettings.deref();
      if (self && settingsLeft) self.#onEvictionTimer(settingsLeft);
    });
  }

  #onEvictionTimer(settings: HandlerSettings): void {
    this.#isTimerRunning = false;
    this.#evict(settings, 0, Date.now());
    if (this.#open.size > 0) this.#startEvictionTimer(settings);
  }
}

/** Facts that are kept of an ended run. It has the ids of the span instead of the span, so that the attributes can be freed. */
class EndedParent implements Inherited {
  readonly tags: unknown;
  readonly context: Context;
  readonly identity: RunIdentity;
  readonly agent: string | undefined;

  constructor({ tags, span, context, outerContext, identity, agent }: Run) {
    this.tags = tags;
    this.context = span ? trace.setSpanContext(outerContext, span.spanContext()) : context;
    this.identity = identity;
    this.agent = agent;
  }
}
