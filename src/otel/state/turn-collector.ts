import type { FinishedCall } from './call-deduplicator.js';
import { ancestorsOf, type OpenSpan } from './open-spans.js';
import type { SpanLike } from '../../reading/model/span-like.js';
import { questionOf, withoutHistory } from '../../records/turns/question.js';
import {
  groupTurns,
  lastToEnd,
  rootKeyOf,
  type TurnCall,
  type TurnGroup,
} from '../../records/turns/turn-groups.js';
import { withoutAttributes } from './without-attributes.js';
import { recordId } from '../../common/record-id.js';
import { startBackgroundTimer, type Timer } from '../../common/background-timer.js';

/** How long turns wait, and how many calls are held for it. */
export interface TurnLimits {
  /** Milliseconds after the end of a turn's span in which calls that began below it may still end. */
  readonly graceMs: number;
  /** Milliseconds without a call after which a turn is taken for over, although its span has not ended. */
  readonly maxAgeMs: number;
  readonly maxCalls: number;
}

/** Calls may be held for a second before they come here. */
const DEFAULT_LIMITS: TurnLimits = { graceMs: 1_500, maxAgeMs: 10 * 60_000, maxCalls: 5_000 };

/** How often turns are looked at whose spans do not end. */
const SWEEP_MS = 60_000;

/** Calls below one local root. */
interface Bucket {
  calls: TurnCall[];
  /** Whether a span has ended since it was last looked at. */
  isDue: boolean;
}

/**
 * Collects the calls of turns until the span that stands for the turn has ended, whatever ends below it first. Turns that never
 * end are let go after ten minutes of silence; when too many calls are held, the oldest are.
 */
export class TurnCollector {
  readonly #emit: (turn: TurnGroup) => void;
  readonly #limits: TurnLimits;
  readonly #now: () => number;
  /** By local root, in the order of the first call. */
  readonly #buckets = new Map<string, Bucket>();
  /** When spans ended. */
  readonly #endMs = new WeakMap<SpanLike, number>();
  /** How many LLM spans are open below a span. */
  readonly #openBelow = new WeakMap<SpanLike, number>();
  /** Ids of turns that were emitted below a root: what comes later gets another id. */
  readonly #emitted = new WeakMap<SpanLike, Set<string>>();
  #held = 0;
  #timer: Timer | undefined;
  #timerDueMs = 0;
  #sweptAllMs = 0;

  constructor(
    emit: (turn: TurnGroup) => void,
    limits: Partial<TurnLimits> = {},
    now: () => number = Date.now,
  ) {
    this.#emit = emit;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#now = now;
  }

  /** How many calls are held. */
  get size(): number {
    return this.#held;
  }

  /** A span has started. */
  start(open: OpenSpan): void {
    if (open.isCall) this.#countBelow(open, 1);
  }

  /** A span has ended. */
  end(open: OpenSpan): void {
    this.#endMs.set(open.span, this.#now());
    if (open.isCall) this.#countBelow(open, -1);
    if (this.#buckets.size === 0) return;
    const root = ancestorsOf(open).at(-1) ?? open;
    this.#look(this.#buckets.get(recordId(root.span.spanContext())));
  }

  /** Takes a call that has ended. */
  add({ call, span, ancestors, contextIdentity }: FinishedCall): void {
    const key = rootKeyOf({ call, ancestors });
    const bucket = this.#buckets.get(key) ?? { calls: [], isDue: false };
    bucket.calls.push({
      call: withoutHistory(call),
      // The user's functions are asked about one call of a turn alone: the texts of the other spans need not be kept.
      span: bucket.calls.length === 0 ? span : withoutAttributes(span),
      ancestors,
      contextIdentity,
      question: questionOf(call),
    });
    this.#held += 1;
    // Nothing is above it, and what was below it has ended before.
    if (ancestors.length === 0) return this.#close(key, bucket, bucket.calls);
    this.#buckets.set(key, bucket);
    this.#look(bucket);
    if (this.#held > this.#limits.maxCalls) this.#closeOldest();
  }

  /** Emits the turns whose span has ended, without waiting for calls that may still end. */
  flush(): void {
    this.#sweep(0);
  }

  /** Emits everything. */
  closeAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [key, bucket] of this.#buckets) this.#close(key, bucket, bucket.calls);
  }

  #look(bucket: Bucket | undefined): void {
    if (!bucket) return;
    bucket.isDue = true;
    this.#schedule(this.#limits.graceMs);
  }

  #sweep(graceMs: number): void {
    const now = this.#now();
    const isAll = now - this.#sweptAllMs >= SWEEP_MS;
    if (isAll) this.#sweptAllMs = now;
    for (const [key, bucket] of this.#buckets) {
      if (!bucket.isDue && !isAll) continue;
      const turns = groupTurns(bucket.calls);
      const isOver = (turn: TurnGroup): boolean => this.#isOver(turn, graceMs);
      bucket.isDue = turns.some((turn) => !isOver(turn) && this.#isOver(turn, 0));
      this.#close(
        key,
        bucket,
        turns.filter((turn) => isOver(turn) || this.#isOld(turn)).flatMap(({ calls }) => calls),
      );
    }
  }

  #isOver({ waitsFor }: TurnGroup, graceMs: number): boolean {
    const now = this.#now();
    return waitsFor.every((span) => {
      const endMs = this.#endMs.get(span);
      return endMs !== undefined && now - endMs >= graceMs && (this.#openBelow.get(span) ?? 0) === 0;
    });
  }

  #isOld({ calls }: TurnGroup): boolean {
    return this.#now() - (lastToEnd(calls)?.call.endTimeMs ?? 0) >= this.#limits.maxAgeMs;
  }

  #close(key: string, bucket: Bucket, calls: readonly TurnCall[]): void {
    if (calls.length === 0) return;
    const gone = new Set(calls);
    bucket.calls = bucket.calls.filter((call) => !gone.has(call));
    this.#held -= gone.size;
    if (bucket.calls.length === 0) this.#buckets.delete(key);
    const root = calls.find(({ ancestors }) => ancestors.length > 0)?.ancestors.at(-1);
    const emitted = root && (this.#emitted.get(root) ?? new Set<string>());
    if (root && emitted) this.#emitted.set(root, emitted);
    for (const turn of groupTurns(calls, emitted)) {
      emitted?.add(turn.id);
      this.#emit(turn);
    }
  }

  #closeOldest(): void {
    const [oldest] = this.#buckets;
    if (oldest) this.#close(oldest[0], oldest[1], oldest[1].calls);
  }

  #countBelow(open: OpenSpan, change: 1 | -1): void {
    for (const { span } of ancestorsOf(open))
      this.#openBelow.set(span, (this.#openBelow.get(span) ?? 0) + change);
  }

  /** One timer for all: soon when a span has ended, rarely otherwise. */
  #schedule(delayMs: number): void {
    const dueMs = this.#now() + delayMs;
    if (this.#timer !== undefined && this.#timerDueMs <= dueMs) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    this.#timer = startBackgroundTimer(delayMs, () => {
      this.#timer = undefined;
      this.#sweep(this.#limits.graceMs);
      const isDue = [...this.#buckets.values()].some((bucket) => bucket.isDue);
      if (this.#buckets.size > 0) this.#schedule(isDue ? this.#limits.graceMs : SWEEP_MS);
    });
  }
}
