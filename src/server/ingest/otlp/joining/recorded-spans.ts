import { recordId } from '../../../../common/record-id.js';
import type { LocatedCall } from '../../../../reading/calls/located-call.js';
import { hasContent } from '../../../../reading/calls/merge-calls.js';
import { recordIdOf, roleIn, type BufferedSpan } from './buffered-span.js';
import type { FoundCall } from './found-calls.js';
import type { JoiningState } from './joining-state.js';
import { recordedAt } from './recorded-at.js';

/** Knows which spans have a record, in the store or soon, and which look like a call and have none. */
export class RecordedSpans {
  readonly #state: JoiningState;
  #noCalls = 0;

  constructor(state: JoiningState) {
    this.#state = state;
  }

  /**
   * Returns the number of agents without question or answer and of spans that only name a model, since the start. Those to which an LLM
   * span came later are not counted.
   */
  get noCalls(): number {
    return this.#noCalls;
  }

  /** Marks which spans have a record. Returns those that had one and have none now. */
  markFinal(changed: ReadonlySet<BufferedSpan>, calls: readonly LocatedCall[]): readonly BufferedSpan[] {
    const { spans, groups } = this.#state;
    // A call without content is no record. Its span may have been one before: of a failure, before a later attempt.
    const recorded = calls.filter(({ call }) => hasContent(call) || call.error);
    const finals = new Set(recorded.map(({ call: { traceId, spanId } }) => spans.get(traceId, spanId)));
    const superseded: BufferedSpan[] = [];
    for (const span of changed) {
      const place = groups.placeOf(span);
      place.isFinal = finals.has(span);
      if (place.isFinal) place.isHandedOut = true;
      else if (place.isHandedOut) superseded.push(span);
    }
    return superseded;
  }

  /** Notes that the store has the records, and no longer has the superseded ones. */
  markStored(changed: ReadonlySet<BufferedSpan>, superseded: readonly BufferedSpan[]): void {
    const { groups } = this.#state;
    for (const span of superseded) {
      const place = groups.find(span);
      if (place && !place.isFinal) place.isHandedOut = false;
    }
    for (const span of changed) {
      const place = groups.find(span);
      if (place) place.isStored = true;
    }
  }

  /** Counts a span that looks like a call and is none, or no longer counts it. */
  countNoCall(span: BufferedSpan, withoutCall: ReadonlySet<BufferedSpan>): void {
    const { groups } = this.#state;
    const place = groups.placeOf(span);
    const isNoCall = withoutCall.has(span) ? !groups.callsBelow.hasSpan(span) : this.#isUnclearAlone(span);
    if (place.isNoCall !== isNoCall) this.#noCalls += isNoCall ? 1 : -1;
    place.isNoCall = isNoCall;
  }

  /** Returns whether a span looks like a call, and neither an LLM span nor another such span belongs to it. */
  #isUnclearAlone(span: BufferedSpan): boolean {
    const { spans, groups } = this.#state;
    if (roleIn(span) !== 'unclear' || groups.callsBelow.hasSpan(span)) return false;
    return spans.ancestorsOf(span).every((above) => !/^(?:llm|unclear)$/.test(roleIn(above)));
  }

  /** Returns a call with what is known of its record. */
  toFoundCall(located: LocatedCall): FoundCall {
    const { spans, settled } = this.#state;
    const { traceId, spanId } = located.call;
    const id = recordId(located.call);
    const span = spans.get(traceId, spanId);
    const above = span ? spans.ancestorsOf(span) : [];
    const missing = (above.at(-1) ?? span)?.parentId;
    const settledAs = settled.get(id);
    return {
      ...located,
      isComplete: missing === undefined,
      partOf: [
        // Directly above the call, without a boundary between: if it has a record, it is a record of this call.
        ...(missing !== undefined && above.length === 0 ? [recordId({ traceId, spanId: missing })] : []),
        ...(settledAs !== undefined && settledAs !== id ? [settledAs] : []),
      ],
    };
  }

  /** Remembers the record that a span is part of. */
  settle(span: BufferedSpan): void {
    const recorded = recordedAt([span], this.#state);
    if (recorded) this.#state.settled.set(recordIdOf(span), recordIdOf(recorded));
  }
}
