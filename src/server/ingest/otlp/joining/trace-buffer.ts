import { recordId, traceIdOf } from '../../../../common/record-id.js';
import { decidesNesting } from '../../../../reading/calls/deduplicate-calls.js';
import type { SpanLike } from '../../../../reading/model/span-like.js';
import { hasOwnOptOut } from '../../../../records/privacy/opt-out.js';
import { isUpTo, recordIdOf, roleIn, type BufferedSpan, type SentSpan } from './buffered-span.js';
import { CallFinder, type GroupCalls } from './call-finder.js';
import type { Evaluation } from './evaluations.js';
import { EventJoiner } from './event-joiner.js';
import { addEvaluationsAbout, findEvaluations } from './find-evaluations.js';
import type { FoundCalls, Nesting } from './found-calls.js';
import { createJoiningState, type JoiningState } from './joining-state.js';
import type { LogEvent } from './log-events.js';
import { recordedAt } from './recorded-at.js';
import { RecordedSpans } from './recorded-spans.js';
import type { JoinMemory } from './span-buffer.js';

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

/** Buffers spans and finds the calls in them. The algorithm is explained at the top of this file. */
export class TraceBuffer {
  readonly #state = createJoiningState();
  readonly #finder = new CallFinder(this.#state);
  readonly #recorded = new RecordedSpans(this.#state);
  readonly #events: EventJoiner;

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

  /** Returns {@link RecordedSpans.noCalls}. */
  get noCalls(): number {
    return this.#recorded.noCalls;
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
      ...(whole && { whole: recordIdOf(whole) }),
      agents: agents.map(recordIdOf),
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
      logsWithoutSpan: this.#events.takeLogsWithoutSpan(),
      optedOut: [...changed].filter((span) => this.#isWithdrawn(span)).map(recordIdOf),
    };
    const touched = this.#tracesOf(added);
    this.#evict();
    return { ...found, ...touched };
  }

  #toFound(
    affected: readonly BufferedSpan[],
    { calls, members, withoutCall, withoutContent, unreadable, onStored }: GroupCalls,
    evaluations: Set<Evaluation>,
  ): Omit<FoundCalls, 'factTraces' | 'callTraces' | 'logsWithoutSpan' | 'optedOut'> {
    const changed = new Set([...members, ...affected]);
    const superseded = this.#recorded.markFinal(changed, calls);
    for (const span of changed) this.#recorded.countNoCall(span, withoutCall);
    addEvaluationsAbout(changed, evaluations, this.#state);
    const { found, withdrawn } = findEvaluations(evaluations, this.#state);
    return {
      calls: calls.map((located) => this.#recorded.toFoundCall(located)),
      evaluations: found,
      superseded: [...superseded.map(recordIdOf), ...withdrawn],
      traceIds: new Set([
        ...calls.map(({ call }) => call.traceId),
        ...superseded.map(({ trace }) => trace.traceId),
        ...[...evaluations].map(({ id, span }) => span?.traceId ?? id),
      ]),
      withoutContent: [...withoutContent].map(recordIdOf),
      shared: [...changed].filter(({ isShared }) => isShared).map(recordIdOf),
      unreadable,
      onStored: () => {
        onStored();
        this.#recorded.markStored(changed, superseded);
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

  /** Forgets what is as old as a time in milliseconds since 1970, because it holds texts: traces with a span that ended by then, evaluations, and log records that wait in vain. */
  forgetUpTo(timeMs: number): void {
    const { spans, responses } = this.#state;
    const isOld = ({ span }: BufferedSpan): boolean => isUpTo(timeMs, span.endTime);
    responses.forget(isOld, ({ event }) => isUpTo(timeMs, event.time));
    spans.forgetTraces(isOld, (evicted) => this.#forget(evicted));
    this.#events.evict();
  }

  #evict(): void {
    this.#state.spans.evict((evicted) => this.#forget(evicted));
  }

  #forget(evicted: readonly BufferedSpan[]): void {
    const { groups } = this.#state;
    for (const span of evicted) if (groups.find(span)?.isStored === true) this.#recorded.settle(span);
    for (const span of evicted) {
      this.#finder.forget(span);
      groups.forget(span);
    }
  }
}
