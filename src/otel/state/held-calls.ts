import { startBackgroundTimer, type Timer } from '../../common/background-timer.js';
import { guard } from '../../common/guard.js';
import { hasInput, hasOutput } from '../../reading/calls/merge-calls.js';
import { isTurnScope } from '../../reading/calls/turn-scope.js';
import { recogniseSpan } from '../../reading/dialects/read-llm-call.js';
import type { RecognisedSpan } from '../../reading/dialects/recognise.js';
import type { LlmCall } from '../../reading/model/llm-call.js';
import type { OpenSpan } from './open-span.js';

/** Longest wait for a span that is known to complete a call: an agent, or an LLM span below the call. */
const MAX_WAIT_MS = 30_000;
/** Longest wait for another span below the call. It can turn out to be an LLM span when it ends. */
const MAX_WAIT_FOR_OTHERS_MS = 1_000;
/** Above this number of held calls, the oldest is released. */
const MAX_HELD = 1_000;
/** Interval at which held calls are checked for their age. */
const SWEEP_MS = 500;

/** Event that a call waits for, and how long. */
export interface Wait {
  readonly maxMs: number;
  /** True if the call must be read again, because the event adds content to the spans above. */
  readonly isReadAgain: boolean;
  /** Calls `run` when the event comes. */
  readonly start: (run: () => void) => void;
}

/**
 * Returns what may still complete the call of a span that ended. `undefined`: nothing, the call can be read now.
 *
 * Some libraries write the answer or the question on the agent span above, after the LLM span has ended. An LLM span below may know
 * tokens, or the answer, and end later.
 */
export function waitOf(open: OpenSpan, call: LlmCall, recognised: RecognisedSpan): Wait | undefined {
  const above = completingSpanAbove(open, call, recognised);
  if (above) return { maxMs: MAX_WAIT_MS, isReadAgain: true, start: (run) => above.whenEnded(run) };
  return waitBelow(open);
}

/** Returns the wait for the spans below a span that ended. `undefined`: they are settled. */
export function waitBelow(open: OpenSpan): Wait | undefined {
  if (open.isSettledBelow) return undefined;
  const maxMs = open.openCallsBelow > 0 ? MAX_WAIT_MS : MAX_WAIT_FOR_OTHERS_MS;
  return { maxMs, isReadAgain: false, start: (run) => open.whenSettledBelow(run) };
}

/** Returns the open agent above, of the same dialect, on which the dialect writes what the call lacks. */
function completingSpanAbove(
  open: OpenSpan,
  call: LlmCall,
  { dialect }: RecognisedSpan,
): OpenSpan | undefined {
  if (!dialect.readAbove || call.error || (hasInput(call) && hasOutput(call))) return undefined;
  const agent = open
    .ancestors()
    .find(({ span }) => isTurnScope(span) && recogniseSpan(span)?.dialect === dialect);
  return agent?.hasEnded === false ? agent : undefined;
}

/** Calls whose span has ended, but which a span that is still open may complete. Bounded by count and age. */
export class HeldCalls {
  /** By their deadline in milliseconds since the epoch, in the order in which they were added. */
  readonly #deadlines = new Map<() => void, number>();
  readonly #now: () => number;
  #timer: Timer | undefined;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get size(): number {
    return this.#deadlines.size;
  }

  /** Runs `release` once: when what it waits for has happened, at the deadline, or when there are too many. */
  hold(wait: Wait, release: () => void): void {
    const run = (): void => {
      if (this.#deadlines.delete(run)) guard('onEnd', release);
    };
    this.#deadlines.set(run, this.#now() + wait.maxMs);
    wait.start(run);
    const [oldest] = this.#deadlines.keys();
    if (this.#deadlines.size > MAX_HELD) oldest?.();
    this.#schedule();
  }

  /** Releases every call that is held. */
  releaseAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const run of this.#deadlines.keys()) run();
  }

  #schedule(): void {
    if (this.#deadlines.size > 0) this.#timer ??= startBackgroundTimer(SWEEP_MS, () => this.#onTimer());
  }

  #onTimer(): void {
    this.#timer = undefined;
    const now = this.#now();
    for (const [run, deadline] of this.#deadlines) if (deadline <= now) run();
    this.#schedule();
  }
}
