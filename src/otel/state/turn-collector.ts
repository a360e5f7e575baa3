import { startBackgroundTimer, type Timer } from '../../common/background-timer.js';
import { recordId } from '../../common/record-id.js';
import type { SpanLike } from '../../reading/model/span-like.js';
import {
  groupTurns,
  isAnswered,
  lastToEnd,
  rootKeyOf,
  type TurnCall,
  type TurnGroup,
} from '../../records/turns/group-turns.js';
import { questionOf, withoutHistory } from '../../records/turns/question.js';
import type { FinishedCall } from './call-deduplicator.js';
import type { OpenSpan } from './open-span.js';
import { withoutAttributes } from './span-views.js';

/** Limits of {@link TurnCollector}. */
export interface TurnLimits {
  /** Milliseconds between the end of a turn's spans and its emission. Calls that began below them may still end. */
  readonly graceMs: number;
  /** Milliseconds after its last call when a turn is emitted although its spans have not ended. */
  readonly maxAgeMs: number;
  /** Number of buffered calls above which the oldest turns are emitted early. */
  readonly maxCalls: number;
}

/** `graceMs` is longer than the second that `CallDeduplicator` may hold a call back. */
const DEFAULT_LIMITS: TurnLimits = { graceMs: 1_500, maxAgeMs: 10 * 60_000, maxCalls: 5_000 };

/** Longest wait of a flush for the answer to a turn whose spans have ended, while a call is open below them: a stream. */
const MAX_ANSWER_WAIT_MS = 30_000;

/** Interval at which turns are checked whose spans do not end. */
const SWEEP_MS = 60_000;

interface BufferedCall extends TurnCall {
  readonly startOrder: number;
}

/** Buffered calls below one local root. */
interface RootCalls {
  /** In the order of their starts: `groupTurns()` uses it where times differ by less than clocks do. */
  calls: BufferedCall[];
  /** True if a span ended, or a call was added, since the last check. */
  isDue: boolean;
}

/**
 * Buffers the calls of a turn until the spans that it waits for have ended, whatever ends below them first. Which calls are one turn is
 * decided by `groupTurns()`.
 *
 * A turn whose spans never end is emitted ten minutes after its last call. Above `maxCalls`, the oldest turns are emitted early.
 */
export class TurnCollector {
  readonly #emit: (turn: TurnGroup) => void;
  readonly #limits: TurnLimits;
  readonly #now: () => number;
  /** By the id of the local root, sorted by the first call. */
  readonly #byRoot = new Map<string, RootCalls>();
  /** Time when a span ended. */
  readonly #endMs = new WeakMap<SpanLike, number>();
  /** Spans that calls can wait for. */
  readonly #started = new WeakMap<SpanLike, OpenSpan>();
  /** Ids of turns that were emitted below a root. Calls that come later form a turn with another id. */
  readonly #emittedIds = new WeakMap<SpanLike, Set<string>>();
  #callCount = 0;
  #timer: Timer | undefined;
  #timerDueMs = 0;
  #checkedAllMs = 0;

  constructor(
    emit: (turn: TurnGroup) => void,
    limits: Partial<TurnLimits> = {},
    now: () => number = Date.now,
  ) {
    this.#emit = emit;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#now = now;
  }

  /** Number of buffered calls. */
  get callCount(): number {
    return this.#callCount;
  }

  onSpanStart(open: OpenSpan): void {
    this.#started.set(open.span, open);
  }

  onSpanEnd(open: OpenSpan): void {
    this.#endMs.set(open.span, this.#now());
    if (this.#byRoot.size === 0) return;
    const root = open.ancestors().at(-1) ?? open;
    this.#markDue(this.#byRoot.get(recordId(root.span.spanContext())));
  }

  /** Adds a call that ended. */
  add({ call, span, ancestors, contextIdentity, startOrder }: FinishedCall): void {
    const key = rootKeyOf({ call, ancestors });
    const root = this.#byRoot.get(key) ?? { calls: [], isDue: false };
    const index = root.calls.findLastIndex((other) => other.startOrder < startOrder) + 1;
    root.calls.splice(index, 0, {
      call: withoutHistory(call),
      // Functions of the user get the span of one call of the turn. The attributes of the others need not be kept.
      span: root.calls.length === 0 ? span : withoutAttributes(span),
      ancestors,
      contextIdentity,
      question: questionOf(call),
      startOrder,
    });
    this.#callCount += 1;
    // A call without ancestors is a root itself, and everything below it ended before.
    if (ancestors.length === 0) return this.#emitCalls(key, root, root.calls);
    this.#byRoot.set(key, root);
    this.#markDue(root);
    if (this.#callCount > this.#limits.maxCalls) this.#emitOldest();
  }

  /**
   * Emits the turns whose spans have ended, without the grace period. Calls that are still open below form a turn of their own. A turn
   * without an answer waits for them, {@link MAX_ANSWER_WAIT_MS} at most.
   */
  emitEnded(): void {
    for (const [key, root] of this.#byRoot) {
      const ended = groupTurns(root.calls).filter((turn) => {
        if (this.#isComplete(turn, 0) || this.#isExpired(turn)) return true;
        return this.#hasEnded(turn, isAnswered(turn.calls) ? 0 : MAX_ANSWER_WAIT_MS);
      });
      this.#emitCalls(
        key,
        root,
        ended.flatMap(({ calls }) => calls),
      );
    }
  }

  /** Emits everything. */
  emitAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [key, root] of this.#byRoot) this.#emitCalls(key, root, root.calls);
  }

  #markDue(root: RootCalls | undefined): void {
    if (!root) return;
    root.isDue = true;
    this.#scheduleCheck(this.#limits.graceMs);
  }

  /** Emits complete turns of the roots that are due. Once per SWEEP_MS it checks all roots, for turns whose spans do not end. */
  #emitDue(): void {
    const { graceMs } = this.#limits;
    const now = this.#now();
    const isCheckOfAll = now - this.#checkedAllMs >= SWEEP_MS;
    if (isCheckOfAll) this.#checkedAllMs = now;
    for (const [key, root] of this.#byRoot) {
      if (!root.isDue && !isCheckOfAll) continue;
      const turns = groupTurns(root.calls);
      const isComplete = (turn: TurnGroup): boolean => this.#isComplete(turn, graceMs);
      // A turn that only waits for the grace period keeps the root due.
      root.isDue = turns.some((turn) => !isComplete(turn) && this.#isComplete(turn, 0));
      const finished = turns.filter((turn) => isComplete(turn) || this.#isExpired(turn));
      this.#emitCalls(
        key,
        root,
        finished.flatMap(({ calls }) => calls),
      );
    }
  }

  #isComplete(turn: TurnGroup, graceMs: number): boolean {
    const isCallOpen = turn.waitsFor.some((span) => (this.#started.get(span)?.openCallsBelow ?? 0) > 0);
    return !isCallOpen && this.#hasEnded(turn, graceMs);
  }

  /** Returns whether the spans of a turn ended `graceMs` ago or earlier. */
  #hasEnded({ waitsFor }: TurnGroup, graceMs: number): boolean {
    const now = this.#now();
    return waitsFor.every((span) => {
      const endMs = this.#endMs.get(span);
      return endMs !== undefined && now - endMs >= graceMs;
    });
  }

  #isExpired({ calls }: TurnGroup): boolean {
    return this.#now() - (lastToEnd(calls)?.call.endTimeMs ?? 0) >= this.#limits.maxAgeMs;
  }

  /** Removes calls from the buffer and emits their turns. */
  #emitCalls(key: string, root: RootCalls, calls: readonly TurnCall[]): void {
    if (calls.length === 0) return;
    const emittedCalls = new Set(calls);
    root.calls = root.calls.filter((call) => !emittedCalls.has(call));
    this.#callCount -= emittedCalls.size;
    if (root.calls.length === 0) this.#byRoot.delete(key);
    const rootSpan = calls.find(({ ancestors }) => ancestors.length > 0)?.ancestors.at(-1);
    const emittedIds = rootSpan && (this.#emittedIds.get(rootSpan) ?? new Set<string>());
    if (rootSpan && emittedIds) this.#emittedIds.set(rootSpan, emittedIds);
    for (const turn of groupTurns(calls, emittedIds)) {
      emittedIds?.add(turn.id);
      this.#emit(turn);
    }
  }

  #emitOldest(): void {
    const [oldest] = this.#byRoot;
    if (oldest) this.#emitCalls(oldest[0], oldest[1], oldest[1].calls);
  }

  /** Sets the one timer, unless it is due earlier. The interval is short while a root is due, and SWEEP_MS otherwise. */
  #scheduleCheck(delayMs: number): void {
    const dueMs = this.#now() + delayMs;
    if (this.#timer !== undefined && this.#timerDueMs <= dueMs) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    this.#timer = startBackgroundTimer(delayMs, () => {
      this.#timer = undefined;
      this.#emitDue();
      const isAnyDue = [...this.#byRoot.values()].some(({ isDue }) => isDue);
      if (this.#byRoot.size > 0) this.#scheduleCheck(isAnyDue ? this.#limits.graceMs : SWEEP_MS);
    });
  }
}
