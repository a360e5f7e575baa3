import type { JoinMemory } from './span-buffer.js';
import { recordId, traceIdOf } from '../../../../common/record-id.js';
import type { LocatedCall } from '../../../../reading/calls/located-call.js';
import { decidesNesting } from '../../../../reading/calls/deduplicate-calls.js';
import { hasContent } from '../../../../reading/calls/merge-calls.js';
import type { SpanLike } from '../../../../reading/model/span-like.js';
import { hasOwnOptOut } from '../../../../records/privacy/opt-out.js';
import { idsOf, isUpTo, roleIn, type BufferedSpan, type SentSpan } from './buffered-span.js';
import { CallFinder, type GroupCalls } from './call-finder.js';
import type { Evaluation, FoundEvaluation } from './evaluations.js';
import { EventJoiner } from './event-joiner.js';
import { addEvaluationsAbout, findEvaluations } from './find-evaluations.js';
import { createJoiningState, type JoiningState } from './joining-state.js';
import type { LogEvent } from './log-events.js';
import { recordedAt } from './recorded-at.js';

// Exporters send spans as they end: children arrive before their parents, often in an earlier request, in any order, and again after a
// failed delivery. The records must not depend on that. For each request:
//
// 1. All spans are added to the trees of their traces (`span-buffer.ts`). Affected are the LLM spans among them and below them.
// 2. LLM spans with no call boundary between form a group: one call (`call-groups.ts`). The groups of affected spans are read again; no
//    others (`read-group.ts`). Agents below which no call was found form groups as well. When the first call below an agent comes, its
//    group falls apart.
// 3. Calls of different groups that two libraries traced side by side are merged, also across traces and requests (`call-finder.ts`).
// 4. What is sorted is sorted by time and id, never by arrival. A call that was handed out earlier and is none now is superseded.
// 5. Then spans are forgotten, if there are too many.
//
// Log records of a span become events of it, whichever comes first; those of an unknown span wait for it (`event-joiner.ts`). An
// evaluation is a record of its own at once, and again when more is known of the call that it is about (`find-evaluations.ts`).
//
// So a span costs what it and the spans below it cost, however long its trace is. Spans are remembered at once, because they only
// describe; which records the store has is remembered when it has them (`onStored`).

export interface FoundCall extends LocatedCall {
  /** Records that this call is part of, if they are stored: of spans that were forgotten, or that another server took. */
  readonly partOf: readonly string[];
  /** True if the trace is known up to its root, so that nothing else can be known of the call's user. */
  readonly isComplete: boolean;
}

/** Spans above a stored record. */
export interface Nesting {
  /** Record of the call that the record is part of. */
  readonly whole?: string;
  /** Records of agents that are no calls, because the record is a call below them. */
  readonly agents: readonly string[];
}

/** Calls found after the spans of a request were added. */
export interface FoundCalls {
  /** Calls to record: new ones, and earlier ones that the new spans may have changed. */
  readonly calls: readonly FoundCall[];
  /** Evaluations to record: new ones, and earlier ones of which more is known now. */
  readonly evaluations: readonly FoundEvaluation[];
  /** Ids of records that were made too early, because their spans are part of another call. */
  readonly superseded: readonly string[];
  /** Traces of all of these. */
  readonly traceIds: ReadonlySet<string>;
  /** Traces in which spans came that say something about calls below them. Another server may have these calls. */
  readonly factTraces: ReadonlySet<string>;
  /** Traces in which calls, agents or spans below them came. Parts of their calls may be stored since before a restart. */
  readonly callTraces: ReadonlySet<string>;
  /** Ids of the records of spans without content, which log records of another server may have. */
  readonly lacking: readonly string[];
  /** Log records whose span is not here: another server may have it. */
  readonly homeless: readonly LogEvent[];
  /** Ids of the records that opted-out spans would be: spans of the request, and those below them. */
  readonly optedOut: readonly string[];
  /** Ids of the records of spans that are shared with another server, see `BufferedSpan.isShared`. */
  readonly shared: readonly string[];
  /** Number of LLM spans that cannot be read. */
  readonly unreadable: number;
  /** Call it when the store has the records and no longer has the superseded ones. Until then, a repeated request finds the same. */
  readonly onStored: () => void;
}

/** Buffers spans and finds the calls in them. The algorithm is explained at the top of this file. */
export class TraceBuffer {
  readonly #state = createJoiningState();
  readonly #finder = new CallFinder(this.#state);
  readonly #events: EventJoiner;
  #noCalls = 0;

  /** `now` returns milliseconds since 1970. */
  constructor(now: () => number = Date.now) {
    this.#events = new EventJoiner(this.#state, now);
  }

  /** Returns how many log records wait for their span, and how many have waited in vain since the start. */
  logCounts(): { readonly waiting: number; readonly unmatched: number } {
    return this.#events.counts();
  }

  /** Returns what `read` finds in everything that is remembered. It must change nothing. */
  inspect<T>(read: (state: JoiningState) => T): T {
    return read(this.#state);
  }

  usage(): JoinMemory {
    return this.#state.spans.usage();
  }

  /**
   * Returns the number of agents without question or answer and of spans that only name a model, since the start. Those to which an LLM
   * span came later are not counted.
   */
  get noCalls(): number {
    return this.#noCalls;
  }

  /** Returns whether the span of a record is here. */
  knows(id: string): boolean {
    return this.#find(id) !== undefined;
  }

  /** Returns whether the span of a record is here, and has all its texts. */
  knowsWhole(id: string): boolean {
    const span = this.#find(id);
    return span !== undefined && span.sent.isCut !== true;
  }

  /** Returns whether the span of a record is here, has a record, and no other server writes it too. */
  ownsRecord(id: string): boolean {
    const span = this.#find(id);
    return span !== undefined && !span.isShared && this.#state.groups.find(span)?.isFinal === true;
  }

  /** Returns whether the span of a record is here, and another server may write its record as well. */
  isShared(id: string): boolean {
    return this.#find(id)?.isShared === true;
  }

  /** Returns whether the span of a record is here, and is opted out. */
  isOptedOut(id: string): boolean {
    const span = this.#find(id);
    return span !== undefined && this.#state.spans.isOptedOut(span);
  }

  /** Returns whether the span of a record is here without this log record. */
  lacksEvent(id: string, key: string): boolean {
    return this.#find(id)?.logEvents.has(key) === false;
  }

  /** Returns the span of a record and those above it, nearest first, as they were sent. None if only a part of the span is here. */
  sentWith(id: string): readonly SentSpan[] {
    const span = this.#find(id);
    return span && span.sent.isCut !== true
      ? this.#state.spans.chainFrom(span.trace.traceId, span.spanId).map(({ sent }) => sent)
      : [];
  }

  #find(id: string): BufferedSpan | undefined {
    const traceId = traceIdOf(id);
    return this.#state.spans.get(traceId, id.slice(traceId.length + 1));
  }

  /** Returns the spans from a parent up, nearest first; if the parent is not known, the root of the trace alone. */
  spansAbove(traceId: string, parentId: string): readonly SpanLike[] {
    return this.#state.spans.chainFrom(traceId, parentId).map(({ span }) => span);
  }

  /** Returns how a stored record whose span is not here, but its parent is, relates to the records of spans here. */
  nestingBelow(traceId: string, parentId: string): Nesting {
    const { spans, groups } = this.#state;
    if (!spans.get(traceId, parentId)) return { agents: [] };
    const chain = spans.chainFrom(traceId, parentId);
    const at = chain.findIndex((above) => decidesNesting(roleIn(above)));
    const outer = chain[at];
    const whole = outer && roleIn(outer) === 'llm' && recordedAt(chain.slice(at), this.#state);
    const agents = chain.filter((above) => roleIn(above) === 'agent' && groups.find(above)?.isFinal === true);
    return {
      ...(whole && { whole: toRecordId(whole) }),
      agents: agents.map(toRecordId),
    };
  }

  /** Adds spans and log records that came to another server, or before a restart. Returns the calls of the records `again` in any case. */
  addShared(
    spans: readonly SentSpan[],
    logs: readonly LogEvent[],
    again: readonly string[] = [],
  ): FoundCalls {
    for (const span of spans) this.#state.spans.add(span).isShared = true;
    for (const { span } of logs) {
      const known = span && this.#find(recordId(span));
      if (known) known.isShared = true;
    }
    return this.#add(
      spans,
      logs,
      again.flatMap((id) => this.#find(id) ?? []),
    );
  }

  /** Adds the spans or log records of one request, and returns the calls that they are or change. */
  add(spans: readonly SpanLike[], logs: readonly LogEvent[] = []): FoundCalls {
    return this.#add(spans, logs, []);
  }

  #add(spans: readonly SentSpan[], logs: readonly LogEvent[], again: readonly BufferedSpan[]): FoundCalls {
    const { groups } = this.#state;
    const added = spans.map((span) => this.#state.spans.add(span));
    const evaluations = new Set<Evaluation>();
    this.#events.addSpans(added, evaluations);
    const completed = new Set([...again, ...this.#events.addLogs(logs, evaluations)]);
    const changed = groups.changedBy(added, completed);
    for (const span of changed)
      for (const evaluation of span.evaluations.values()) evaluations.add(evaluation);
    const affected = [...changed].filter((span) => groups.mayBeCall(span));
    const traces = new Set(affected.map(({ trace }) => trace));
    const read = this.#finder.find(groups.regroup(affected), traces);
    const found = {
      ...this.#toFound(affected, read, evaluations),
      homeless: this.#events.takeHomeless(),
      optedOut: [...changed].filter((span) => this.#isWithdrawn(span)).map(toRecordId),
    };
    const touched = this.#tracesOf(added);
    this.#evict();
    return { ...found, ...touched };
  }

  #toFound(
    affected: readonly BufferedSpan[],
    { calls, members, silent, lacking, unreadable, onStored }: GroupCalls,
    evaluations: Set<Evaluation>,
  ): Omit<FoundCalls, 'factTraces' | 'callTraces' | 'homeless' | 'optedOut'> {
    const changed = new Set([...members, ...affected]);
    const superseded = this.#markFinal(changed, calls);
    for (const span of changed) this.#countNoCall(span, silent);
    addEvaluationsAbout(changed, evaluations, this.#state);
    const { found, withdrawn } = findEvaluations(evaluations, this.#state);
    return {
      calls: calls.map((located) => this.#toFoundCall(located)),
      evaluations: found,
      superseded: [...superseded.map(toRecordId), ...withdrawn],
      traceIds: new Set([
        ...calls.map(({ call }) => call.traceId),
        ...superseded.map(({ trace }) => trace.traceId),
        ...[...evaluations].map(({ id, span }) => span?.traceId ?? id),
      ]),
      lacking: [...lacking].map(toRecordId),
      shared: [...changed].filter(({ isShared }) => isShared).map(toRecordId),
      unreadable,
      onStored: () => {
        onStored();
        this.#markStored(changed, superseded);
      },
    };
  }

  /** Returns whether a span is opted out, and log records of it can have texts. Most spans of other libraries cannot, and are many. */
  #isWithdrawn(span: BufferedSpan): boolean {
    const mayHaveTexts = span.recognised !== undefined || hasOwnOptOut(span.span);
    return mayHaveTexts && this.#state.spans.isOptedOut(span);
  }

  #tracesOf(added: readonly BufferedSpan[]): Pick<FoundCalls, 'factTraces' | 'callTraces'> {
    const { spans } = this.#state;
    const [factTraces, callTraces] = [new Set<string>(), new Set<string>()];
    for (const span of added) {
      const { traceId } = span.trace;
      if (roleIn(span) === 'llm') {
        callTraces.add(traceId);
        continue;
      }
      if (factTraces.has(traceId) && callTraces.has(traceId)) continue;
      const chain = spans.chainFrom(traceId, span.spanId);
      if (chain.some(({ hasFacts }) => hasFacts)) factTraces.add(traceId);
      if (chain.some((above) => /^(?:llm|agent)$/.test(roleIn(above)))) callTraces.add(traceId);
    }
    return { factTraces, callTraces };
  }

  /** Marks which spans have a record. Returns those that had one and have none now. */
  #markFinal(changed: ReadonlySet<BufferedSpan>, calls: readonly LocatedCall[]): readonly BufferedSpan[] {
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

  #markStored(changed: ReadonlySet<BufferedSpan>, superseded: readonly BufferedSpan[]): void {
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
  #countNoCall(span: BufferedSpan, silent: ReadonlySet<BufferedSpan>): void {
    const { groups } = this.#state;
    const place = groups.placeOf(span);
    const isNoCall = silent.has(span) ? !groups.callsBelow.hasSpan(span) : this.#isUnclearAlone(span);
    if (place.isNoCall !== isNoCall) this.#noCalls += isNoCall ? 1 : -1;
    place.isNoCall = isNoCall;
  }

  /** Returns whether a span looks like a call, and neither an LLM span nor another such span belongs to it. */
  #isUnclearAlone(span: BufferedSpan): boolean {
    const { spans, groups } = this.#state;
    if (roleIn(span) !== 'unclear' || groups.callsBelow.hasSpan(span)) return false;
    return spans.ancestorsOf(span).every((above) => !/^(?:llm|unclear)$/.test(roleIn(above)));
  }

  #toFoundCall(located: LocatedCall): FoundCall {
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

  /** Forgets what is as old as a time in milliseconds since 1970, because it holds texts: traces with a span that ended by then, evaluations, and log records that wait in vain. */
  forgetUpTo(timeMs: number): void {
    const { spans, responses } = this.#state;
    const isOld = ({ span }: BufferedSpan): boolean => isUpTo(timeMs, span.endTime);
    responses.forget(isOld, ({ event }) => isUpTo(timeMs, event.time));
    spans.forgetTraces(isOld, (evicted) => this.#forget(evicted));
    this.#events.counts();
  }

  #evict(): void {
    this.#state.spans.evict((evicted) => this.#forget(evicted));
  }

  #forget(evicted: readonly BufferedSpan[]): void {
    const { groups } = this.#state;
    for (const span of evicted) if (groups.find(span)?.isStored === true) this.#settle(span);
    for (const span of evicted) {
      this.#finder.forget(span);
      groups.forget(span);
    }
  }

  /** Remembers the record that a span is part of. */
  #settle(span: BufferedSpan): void {
    const recorded = recordedAt([span], this.#state);
    if (recorded) this.#state.settled.set(toRecordId(span), toRecordId(recorded));
  }
}

function toRecordId(span: BufferedSpan): string {
  return recordId(idsOf(span));
}
