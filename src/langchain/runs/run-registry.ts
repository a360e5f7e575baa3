import { type Tracer, trace } from '@opentelemetry/api';
import { backgroundTimer } from '../../common/background-timer.js';
import type { HandlerSettings } from '../options/handler-options.js';
import type { Ancestry, Run } from './run.js';

/** Runs that have ended, yet may still be named as a parent or be reported a second time. */
const MAX_ENDED = 2_000;

/**
 * The open runs of one tracer provider. All handlers on that provider share it, so that a run that is reported by two of them, or
 * twice by one (LangChain 0.3 with the handler on constructor and request), is one span.
 *
 * It is bounded in number and age: LangChain tells no end of a stream that nobody reads to the end.
 */
export class RunRegistry {
  readonly tracer: Tracer;
  readonly #abandon: (run: Run) => void;
  /** In the order of `placedAtMs`: whoever was heard of since then is moved to the end before anything is dropped. */
  readonly #open = new Map<string, Run>();
  /** Two halves, so that forgetting the oldest costs nothing. */
  #ended = new Map<string, Ancestry | undefined>();
  #endedBefore = new Map<string, Ancestry | undefined>();
  #timerRuns = false;

  constructor(tracer: Tracer, abandon: (run: Run) => void) {
    this.tracer = tracer;
    this.#abandon = abandon;
  }

  /** How many runs are open. */
  get size(): number {
    return this.#open.size;
  }

  knows(runId: string): boolean {
    return this.#open.has(runId) || this.#ended.has(runId) || this.#endedBefore.has(runId);
  }

  get(runId: string): Run | undefined {
    return this.#open.get(runId);
  }

  /** What the run hands down, open or not. */
  ancestry(runId: string | undefined): Ancestry | undefined {
    if (runId === undefined) return undefined;
    return this.#open.get(runId) ?? this.#ended.get(runId) ?? this.#endedBefore.get(runId);
  }

  open(run: Run): void {
    this.#hearOfAncestors(run);
    this.#open.set(run.id, run);
    this.#sweep(run.settings);
    this.#armTimer(run.settings);
  }

  /** Takes a run out of the open ones. The second call for a run answers `undefined`. */
  end(runId: string): Run | undefined {
    const run = this.#open.get(runId);
    if (!run) return undefined;
    this.#open.delete(runId);
    this.#remember(run);
    return run;
  }

  /** Ends every open run, or those that the handler with these settings began. */
  abandonAll(settings?: HandlerSettings): void {
    for (const run of this.#open.values()) {
      if (settings === undefined || run.settings === settings) this.#drop(run);
    }
  }

  /**
   * Ends a run that nobody reads any more, unless it has ended, and what it is a step of: a step's stream has no other reader than
   * its sequence, and LangChain tells the end of neither.
   */
  abandonStream(runId: string): void {
    const run = this.#open.get(runId);
    if (!run) return;
    this.#dropSteps(run);
    this.#drop(run);
    const parent = run.isStep && run.parentRunId !== undefined ? this.#open.get(run.parentRunId) : undefined;
    if (!parent) return;
    parent.lastHeardMs = Math.max(parent.lastHeardMs, run.lastHeardMs);
    this.abandonStream(parent.id);
  }

  /** Models and tools that are steps have somebody else to tell their end. */
  #dropSteps(parent: Run): void {
    if (parent.type !== 'chain') return;
    for (const run of this.#open.values()) {
      if (run.parentRunId !== parent.id || run.type !== 'chain' || !run.isStep) continue;
      this.#dropSteps(run);
      this.#drop(run);
    }
  }

  #drop(run: Run): void {
    this.end(run.id);
    this.#abandon(run);
  }

  #remember(run: Run): void {
    if (this.#ended.size >= MAX_ENDED / 2) {
      this.#endedBefore = this.#ended;
      this.#ended = new Map();
    }
    // Spans of models and retrievers hold whole conversations and have no late children: of them the id is enough.
    const leaf = run.type === 'chat_model' || run.type === 'llm' || run.type === 'retriever';
    this.#ended.set(run.id, leaf ? undefined : lightAncestry(run));
  }

  /** A long agent run is alive as long as something below it starts. */
  #hearOfAncestors(run: Run): void {
    let parent = run.parentRunId === undefined ? undefined : this.#open.get(run.parentRunId);
    for (let depth = 0; parent && depth < 100; depth += 1) {
      parent.lastHeardMs = run.lastHeardMs;
      parent = parent.parentRunId === undefined ? undefined : this.#open.get(parent.parentRunId);
    }
  }

  #sweep({ maxOpenRuns, maxRunAgeMs }: HandlerSettings): void {
    const tooOld = Date.now() - maxRunAgeMs;
    for (const run of this.#open.values()) {
      if (this.#open.size <= maxOpenRuns && run.placedAtMs > tooOld) return;
      if (run.lastHeardMs > run.placedAtMs && run.lastHeardMs > tooOld) this.#moveToEnd(run);
      else this.#drop(run);
    }
  }

  #moveToEnd(run: Run): void {
    run.placedAtMs = run.lastHeardMs;
    this.#open.delete(run.id);
    this.#open.set(run.id, run);
  }

  #armTimer(settings: HandlerSettings): void {
    if (this.#timerRuns) return;
    this.#timerRuns = backgroundTimer(settings.maxRunAgeMs, () => {
      this.#timerRuns = false;
      this.#sweep(settings);
      if (this.#open.size > 0) this.#armTimer(settings);
    });
  }
}

/** Keeps the ids of a span, not the span with its attributes. */
function lightAncestry({ span, context, outerContext, identity, agent }: Run): Ancestry {
  return {
    context: span ? trace.setSpanContext(outerContext, span.spanContext()) : context,
    identity,
    agent,
  };
}
