import { recordId } from '../../../../common/record-id.js';
import {
  CallMerger,
  collapseNested,
  decidesNesting,
  mergeSameCall,
} from '../../../../reading/calls/deduplicate-calls.js';
import { sharesOutcome, statusErrorOf, withChildError } from '../../../../reading/calls/failed-child.js';
import { collapseAgents } from '../../../../reading/calls/locate-agent-calls.js';
import type { LocatedCall } from '../../../../reading/calls/located-call.js';
import { hasContent } from '../../../../reading/calls/merge-calls.js';
import { readRecognisedCall } from '../../../../reading/dialects/read-llm-call.js';
import type { LlmCall } from '../../../../reading/model/llm-call.js';
import { ATTR_GEN_AI_RESPONSE_ID, EVENT_EVALUATION_RESULT } from '../../../../common/semconv.js';
import { asText } from '../../../../common/unknown-values.js';
import { estimateSize, WaitingItems } from '../../../../common/waiting-items.js';
import { isOptedOut } from '../../../../records/privacy/opt-out.js';
import { CallsBelow } from './calls-below.js';
import { ResponseIndex, toEvaluation, type Evaluation, type FoundEvaluation } from './evaluations.js';
import { eventKey, isOptOutEvent, withoutContent, type SpanIds } from './log-events.js';
import { SameCallIndex, type IndexedCall } from './same-call-index.js';
import { roleIn, SpanBuffer, type BufferedSpan } from './span-buffer.js';
import type { SpanEventLike, SpanLike } from '../../../../reading/model/span-like.js';

// Exporters send spans as they end: children arrive before their parents, often in an earlier request, in any order, and again after a
// failed delivery. The records must not depend on that. For each request:
//
// 1. All spans are added to the trees of their traces. Affected are the LLM spans among them and below them.
// 2. LLM spans with no call boundary between form a group: one call. The groups of affected spans are read again; no others. Agents below
//    which no call was found form groups as well. When the first call below an agent comes, its group falls apart.
// 3. Calls of different groups that two libraries traced side by side are merged, also across traces and requests.
// 4. What is sorted is sorted by time and id, never by arrival. A call that was handed out earlier and is none now is superseded.
// 5. Then spans are forgotten, if there are too many.
//
// Log records of a span become events of it, whichever comes first; those of an unknown span wait for it. An evaluation is a record of its
// own at once, and again when more is known of the call that it is about.
//
// So a span costs what it and the spans below it cost, however long its trace is. Spans are remembered at once, because they only
// describe; which records the store has is remembered when it has them (`onStored`).

/** A log record of a GenAI conversation or evaluation, as an event. */
export interface LogEvent {
  readonly span: SpanIds | undefined;
  readonly event: SpanEventLike;
}

export interface FoundCall extends LocatedCall {
  /** Records that this call is part of, if they are stored: of spans that were forgotten, or that another server took. */
  readonly partOf: readonly string[];
  /** True if the trace is known up to its root, so that nothing else can be known of the call's user. */
  readonly isComplete: boolean;
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
  /** Number of LLM spans that cannot be read. */
  readonly unreadable: number;
  /** Call it when the store has the records and no longer has the superseded ones. Until then, a repeated request finds the same. */
  readonly onStored: () => void;
}

/** The place of an LLM span among the LLM spans of its call, or of an agent among agents. */
interface CallSpan {
  /** LLM span that this one is nested in. Of agents: the nearest agent above, which may have a call below it. */
  outer: BufferedSpan | undefined;
  readonly inner: Set<BufferedSpan>;
  /** Other groups whose calls were merged with a call of this group. Of outermost spans only. */
  partners: readonly BufferedSpan[];
  /** Spans of the calls that this group became. Of outermost spans only. */
  recorded: readonly BufferedSpan[];
  /** Of LLM spans: true if a child of another kind failed. */
  hasFailedChild: boolean;
  /** True if this span is counted as one that looks like a call and is none. */
  isNoCall: boolean;
  /** True if a record of this span may be in the store. */
  isHandedOut: boolean;
  /** True if a record of this span belongs in the store. */
  isFinal: boolean;
  /** True if the store has the record of the call that this span is part of. */
  isStored: boolean;
}

type Root = BufferedSpan;

/**
 * Spans above and beside those of a request that were read again, because a call came below an agent. If the store refuses the request,
 * they are read again when it is repeated.
 */
interface Unstored {
  readonly traces: Set<BufferedSpan['trace']>;
  readonly spans: Set<BufferedSpan>;
}

/** Log records that wait for their span. Exporters send both within seconds; a span ends minutes after its first log record at most. */
const LOG_LIMITS = { maxItems: 20_000, maxSize: 16_000_000, maxAgeMs: 15 * 60_000 };
/** Spans that were forgotten after their record was stored. */
const MAX_SETTLED = 100_000;
/** Requests in progress, and refused ones that were not repeated. */
const MAX_UNSTORED = 1_000;

/** Buffers spans and finds the calls in them. The algorithm is explained at the top of this file. */
export class TraceBuffer {
  readonly #spans = new SpanBuffer();
  readonly #callSpans = new Map<BufferedSpan, CallSpan>();
  readonly #sameCalls = new SameCallIndex<Root>();
  readonly #responses = new ResponseIndex<BufferedSpan>();
  readonly #waitingLogs: WaitingItems<LogEvent>;
  /** Record that a forgotten span is part of, by the id that its own record would have. Oldest first. */
  readonly #settled = new Map<string, string>();
  readonly #unstored = new Set<Unstored>();
  readonly #callsBelow = new CallsBelow<BufferedSpan>();
  #unmatchedLogs = 0;
  #noCalls = 0;

  /** `now` returns milliseconds since 1970. */
  constructor(now: () => number = Date.now) {
    this.#waitingLogs = new WaitingItems(LOG_LIMITS, (lost) => (this.#unmatchedLogs += lost.length), now);
  }

  /** Returns how many log records wait for their span, and how many have waited in vain since the start. */
  logCounts(): { readonly waiting: number; readonly unmatched: number } {
    this.#waitingLogs.evict();
    return { waiting: this.#waitingLogs.count, unmatched: this.#unmatchedLogs };
  }

  /**
   * Returns the number of agents without question or answer and of spans that only name a model, since the start. Those to which an LLM
   * span came later are not counted.
   */
  get noCalls(): number {
    return this.#noCalls;
  }

  /** Adds the spans or log records of one request, and returns the calls that they are or change. */
  add(spans: readonly SpanLike[], logs: readonly LogEvent[] = []): FoundCalls {
    const added = spans.map((span) => this.#spans.add(span));
    const evaluations = new Set<Evaluation>();
    this.#addEventsOfSpans(added, evaluations);
    const completed = this.#addLogs(logs, evaluations);
    const affected = this.#affectedBy(added, completed, evaluations);
    const groups = this.#readGroups(this.#regroup(affected), new Set(affected.map(({ trace }) => trace)));
    const found = this.#toFound(affected, groups, evaluations);
    this.#evict();
    return found;
  }

  /** Adds to spans that are new what waited for them, and their own events of evaluations. */
  #addEventsOfSpans(added: readonly BufferedSpan[], evaluations: Set<Evaluation>): void {
    for (const one of added) {
      const ids = idsOf(one);
      for (const event of one.sent.events ?? [])
        if (event.name === EVENT_EVALUATION_RESULT)
          this.#addEvaluation(toEvaluation(event, ids), evaluations);
      if (this.#waitingLogs.count > 0) this.#addLogs(this.#waitingLogs.take(recordId(ids)), evaluations);
    }
  }

  /** Returns the spans that the log records belong to, as far as they are known. */
  #addLogs(logs: readonly LogEvent[], evaluations: Set<Evaluation>): ReadonlySet<BufferedSpan> {
    const eventsOf = new Map<BufferedSpan, Map<string, SpanEventLike>>();
    for (const log of logs) {
      const event = isOptOutEvent(log.event) ? withoutContent(log.event) : log.event;
      if (event.name === EVENT_EVALUATION_RESULT) {
        if (event === log.event) this.#addEvaluation(toEvaluation(event, log.span), evaluations);
        continue;
      }
      if (!log.span) continue;
      const known = this.#spans.get(log.span.traceId, log.span.spanId);
      if (!known) {
        this.#waitingLogs.add(recordId(log.span), { span: log.span, event }, estimateSize(event.attributes));
        continue;
      }
      const events = eventsOf.get(known) ?? new Map<string, SpanEventLike>();
      eventsOf.set(known, events.set(eventKey(event), event));
    }
    for (const [known, events] of eventsOf) this.#spans.addLogEvents(known, events);
    return new Set(eventsOf.keys());
  }

  #addEvaluation(evaluation: Evaluation, evaluations: Set<Evaluation>): void {
    this.#responses.addEvaluation(evaluation);
    evaluations.add(evaluation);
    if (!evaluation.span) return;
    const known = this.#spans.get(evaluation.span.traceId, evaluation.span.spanId);
    if (known) known.evaluations = new Map([...known.evaluations, [evaluation.id, evaluation]]);
    else if (evaluation.responseId === undefined || !this.#responses.spanOf(evaluation.responseId)) {
      const { span, event } = evaluation;
      const waiting = this.#waitingLogs.peek(recordId(span));
      const isRepeated = waiting.some((log) => toEvaluation(log.event, span).id === evaluation.id);
      if (!isRepeated) this.#waitingLogs.add(recordId(span), { span, event }, estimateSize(event.attributes));
    }
  }

  /** Returns the spans that are or may be calls, and whose place, events or ancestors may have changed. Adds the evaluations of all spans that changed. */
  #affectedBy(
    added: readonly BufferedSpan[],
    completed: ReadonlySet<BufferedSpan>,
    evaluations: Set<Evaluation>,
  ): readonly BufferedSpan[] {
    const trees = new Set<BufferedSpan>(completed);
    for (const span of added) {
      trees.delete(span);
      this.#spans.collectTree(span, trees);
      const parent = this.#spans.get(span.trace.traceId, span.parentId ?? '');
      if (parent && this.#mayFail(span, parent)) trees.add(parent);
    }
    for (const span of trees) for (const evaluation of span.evaluations.values()) evaluations.add(evaluation);
    return [...trees].filter((span) => mayBeCall(span) || this.#callSpans.has(span));
  }

  /** Returns whether a span can change whether the call of its parent failed. */
  #mayFail(span: BufferedSpan, parent: BufferedSpan): boolean {
    if (roleIn(parent) !== 'llm' || !sharesOutcome(span.span, parent.span, roleIn(span))) return false;
    return statusErrorOf(span.span) !== undefined || this.#callSpans.get(parent)?.hasFailedChild === true;
  }

  /** Places spans of calls anew. Returns the outermost spans of all groups that they were or are in. */
  #regroup(affected: readonly BufferedSpan[]): Set<Root> {
    const roots = new Set<Root>();
    for (const span of affected) if (this.#callSpans.has(span)) roots.add(this.#rootOf(span));
    for (const span of affected) this.#place(span);
    for (const span of affected) roots.add(this.#rootOf(span));
    return roots;
  }

  #place(span: BufferedSpan): void {
    const place = this.#callSpan(span);
    const outer = outerOf(span, this.#spans.ancestorsOf(span));
    if (place.outer) this.#callSpan(place.outer).inner.delete(span);
    place.outer = outer;
    if (outer) this.#callSpan(outer).inner.add(span);
    if (roleIn(span) !== 'llm') this.#callsBelow.count(span, [], false);
  }

  /** Reads groups and merges their calls with the same calls of other groups, which are read again for that. */
  #readGroups(roots: Set<Root>, traces: Unstored['traces']): ReadGroups {
    const groups: ReadGroups = {
      open: roots,
      members: new Set(),
      silent: new Set(),
      located: new Map(),
      finals: [],
      unreadable: 0,
      unstored: undefined,
    };
    const own = new Set(roots);
    // LLM spans first: they decide which agents are calls. A set can grow while it is iterated over.
    for (const root of roots) if (roleIn(root) === 'llm') this.#readRoot(root, groups);
    for (const span of this.#callsBelow.takeChanged())
      for (const one of [span, this.#rootOf(span), ...this.#callSpan(span).inner]) roots.add(one);
    const unstored = this.#takeUnstored(traces);
    for (const span of unstored.spans) if (this.#callSpans.has(span)) roots.add(span);
    for (const root of roots)
      if (roleIn(root) === 'agent' || !groups.members.has(root)) this.#readRoot(root, groups);
    for (const root of roots) if (roleIn(root) === 'agent' || !own.has(root)) unstored.spans.add(root);
    if (unstored.spans.size > 0) this.#addUnstored(unstored);
    groups.unstored = unstored;
    this.#mergeSameCalls(groups);
    return groups;
  }

  /** Removes and returns what the store may not have of these traces. */
  #takeUnstored(traces: Unstored['traces']): Unstored {
    const taken: Unstored = { traces: new Set(traces), spans: new Set() };
    for (const one of this.#unstored) {
      if (![...one.traces].some((trace) => traces.has(trace))) continue;
      this.#unstored.delete(one);
      for (const trace of one.traces) taken.traces.add(trace);
      for (const span of one.spans) taken.spans.add(span);
    }
    return taken;
  }

  #addUnstored(unstored: Unstored): void {
    this.#unstored.add(unstored);
    const [oldest] = this.#unstored;
    if (oldest && this.#unstored.size > MAX_UNSTORED) this.#unstored.delete(oldest);
  }

  /** Reads the group of a span, if it is the outermost one. Adds the groups with the same calls to `groups.open`. */
  #readRoot(root: Root, groups: ReadGroups): void {
    const place = this.#callSpan(root);
    groups.members.add(root);
    for (const partner of place.partners) if (this.#callSpans.has(partner)) groups.open.add(partner);
    place.partners = [];
    place.recorded = [];
    const calls = this.#rootOf(root) === root ? this.#callsOf(root, groups) : [];
    const indexed = this.#sameCalls.set(
      root,
      calls.map(({ call }) => call),
    );
    for (const [at, one] of indexed.entries()) {
      const call = calls[at];
      if (call) groups.located.set(one, call);
      for (const partner of this.#sameCalls.partnersOf(one)) groups.open.add(partner.owner);
    }
  }

  #callsOf(root: Root, groups: ReadGroups): readonly LocatedCall[] {
    if (roleIn(root) === 'llm') return this.#readGroup(root, groups);
    return roleIn(root) === 'agent' && !this.#callsBelow.hasCall(root) ? this.#readAgents(root, groups) : [];
  }

  /** Makes the calls of agents below which no call was found. */
  #readAgents(root: Root, groups: ReadGroups): readonly LocatedCall[] {
    const members = this.#membersOf(root);
    const bySpan = new Map([...members].sort(byEnd).map((member) => [member.span, member]));
    const agents = [...bySpan.values()].map((member) => ({
      span: member.span,
      recognised: member.recognised,
      ancestors: this.#spans.ancestorsOf(member).map(({ span }) => span),
    }));
    const { calls, silent } = collapseAgents(agents, (place) => !isOptedOut(place));
    for (const member of members) groups.members.add(member);
    for (const span of silent) {
      const member = bySpan.get(span);
      if (member) groups.silent.add(member);
    }
    return calls;
  }

  /** Returns a span and all that are nested in it, outer ones first. */
  #membersOf(root: Root): ReadonlySet<BufferedSpan> {
    const members = new Set([root]);
    for (const member of members) for (const inner of this.#callSpan(member).inner) members.add(inner);
    return members;
  }

  /** Makes the calls of one group, innermost spans first. */
  #readGroup(root: Root, groups: ReadGroups): readonly LocatedCall[] {
    const members = this.#membersOf(root);
    const callsOf = new Map<BufferedSpan, readonly LocatedCall[]>();
    for (const member of [...members].toReversed()) {
      groups.members.add(member);
      const inner = [...this.#callSpan(member).inner].sort(byEnd).flatMap((one) => callsOf.get(one) ?? []);
      const { span, recognised } = member;
      const above = this.#spans.ancestorsOf(member);
      const ancestors = above.map((ancestor) => ancestor.span);
      // Decided in front of everything that merges: the content must not complete the record of another span.
      const isAdmitted = !isOptedOut({ span, ancestors });
      const own = isAdmitted ? readRecognisedCall(span, recognised, ancestors) : undefined;
      const call = own && withChildError(own, this.#childErrorOf(member));
      if (isAdmitted && !call) groups.unreadable += 1;
      const isEmpty = call !== undefined && !hasContent(call) && !call.error;
      this.#callsBelow.count(member, above.filter(isCounting), !isEmpty);
      callsOf.set(member, call ? collapseNested({ call, span, ancestors }, inner) : inner);
      this.#responses.setSpan(call?.responseId ?? asText(span.attributes[ATTR_GEN_AI_RESPONSE_ID]), member);
    }
    return callsOf.get(root) ?? [];
  }

  /** Returns the error of the child that ended last, if it shares its outcome with the call. */
  #childErrorOf(span: BufferedSpan): LlmCall['error'] {
    const last = this.#spans
      .childrenOf(span)
      .filter((child) => sharesOutcome(child.span, span.span, roleIn(child)))
      .sort(byEnd)
      .at(-1);
    const error = last && statusErrorOf(last.span);
    this.#callSpan(span).hasFailedChild = error !== undefined;
    return error;
  }

  /** Adds each call to `groups.finals` once: alone, or merged with those that are the same. */
  #mergeSameCalls(groups: ReadGroups): void {
    const { located } = groups;
    const seen = new Set<IndexedCall<Root>>();
    for (const [first, call] of located) {
      if (seen.has(first)) continue;
      const same = new Set([first]);
      for (const one of same) for (const partner of this.#sameCalls.partnersOf(one)) same.add(partner);
      for (const one of same) seen.add(one);
      const merged =
        same.size === 1 ? [call] : this.#merge([...same].flatMap((one) => located.get(one) ?? []));
      groups.finals.push(...merged);
      const owners = [...new Set([...same].map(({ owner }) => owner))];
      for (const owner of owners) this.#addRecorded(owner, merged);
      if (owners.length > 1)
        for (const owner of owners) {
          const place = this.#callSpan(owner);
          place.partners = [...place.partners, ...owners];
        }
    }
  }

  #addRecorded(owner: Root, calls: readonly LocatedCall[]): void {
    const spans = calls.flatMap(({ call: { traceId, spanId } }) => this.#spans.get(traceId, spanId) ?? []);
    const place = this.#callSpan(owner);
    place.recorded = [...place.recorded, ...spans];
  }

  #merge(same: readonly LocatedCall[]): readonly LocatedCall[] {
    const merger = new CallMerger<LocatedCall>(mergeSameCall);
    for (const next of [...same].sort(byStart)) if (!merger.merge(next)) merger.add(next);
    return merger.takeAll();
  }

  #toFound(
    affected: readonly BufferedSpan[],
    { members, silent, finals, unreadable, unstored }: ReadGroups,
    evaluations: Set<Evaluation>,
  ): FoundCalls {
    // A call without content is no record. Its span may have been one before: of a failure, before a later attempt.
    const recorded = finals.filter(({ call }) => hasContent(call) || call.error);
    const finalSpans = new Set(
      recorded.map(({ call: { traceId, spanId } }) => this.#spans.get(traceId, spanId)),
    );
    const changed = new Set([...members, ...affected]);
    const superseded: BufferedSpan[] = [];
    for (const span of changed) {
      const place = this.#callSpan(span);
      place.isFinal = finalSpans.has(span);
      if (place.isFinal) place.isHandedOut = true;
      else if (place.isHandedOut) superseded.push(span);
      this.#setNoCall(place, silent.has(span) ? !this.#callsBelow.hasSpan(span) : this.#isUnclearAlone(span));
      this.#addEvaluationsAbout(span, evaluations);
    }
    const { found, withdrawn } = this.#findEvaluations(evaluations);
    return {
      calls: finals.map((located) => this.#toFoundCall(located)),
      evaluations: found,
      superseded: [...superseded.map((span) => recordId(idsOf(span))), ...withdrawn],
      traceIds: new Set([
        ...finals.map(({ call }) => call.traceId),
        ...superseded.map(({ trace }) => trace.traceId),
        ...[...evaluations].map(({ id, span }) => span?.traceId ?? id),
      ]),
      unreadable,
      onStored: () => {
        if (unstored) this.#unstored.delete(unstored);
        for (const span of superseded) {
          const place = this.#callSpans.get(span);
          if (place && !place.isFinal) place.isHandedOut = false;
        }
        for (const span of changed) {
          const place = this.#callSpans.get(span);
          if (place) place.isStored = true;
        }
      },
    };
  }

  #setNoCall(place: CallSpan, isNoCall: boolean): void {
    if (place.isNoCall !== isNoCall) this.#noCalls += isNoCall ? 1 : -1;
    place.isNoCall = isNoCall;
  }

  /** Returns whether a span looks like a call, and neither an LLM span nor another such span belongs to it. */
  #isUnclearAlone(span: BufferedSpan): boolean {
    if (roleIn(span) !== 'unclear' || this.#callsBelow.hasSpan(span)) return false;
    return this.#spans.ancestorsOf(span).every((above) => !/^(?:llm|unclear)$/.test(roleIn(above)));
  }

  #toFoundCall(located: LocatedCall): FoundCall {
    const { traceId, spanId } = located.call;
    const id = recordId(located.call);
    const span = this.#spans.get(traceId, spanId);
    const above = span ? this.#spans.ancestorsOf(span) : [];
    const missing = (above.at(-1) ?? span)?.parentId;
    const settled = this.#settled.get(id);
    return {
      ...located,
      isComplete: missing === undefined,
      partOf: [
        // Directly above the call, without a boundary between: if it has a record, it is a record of this call.
        ...(missing !== undefined && above.length === 0 ? [recordId({ traceId, spanId: missing })] : []),
        ...(settled !== undefined && settled !== id ? [settled] : []),
      ],
    };
  }

  /** Adds the evaluations of the response of a call, and of spans above it. */
  #addEvaluationsAbout(span: BufferedSpan, evaluations: Set<Evaluation>): void {
    const responseId = asText(span.span.attributes[ATTR_GEN_AI_RESPONSE_ID]);
    for (const evaluation of this.#responses.evaluationsOf(responseId)) evaluations.add(evaluation);
    for (const ancestor of this.#spans.ancestorsOf(span))
      for (const evaluation of ancestor.evaluations.values()) evaluations.add(evaluation);
  }

  #findEvaluations(evaluations: ReadonlySet<Evaluation>): {
    readonly found: readonly FoundEvaluation[];
    /** Ids of evaluations of calls that must not be recorded. */
    readonly withdrawn: readonly string[];
  } {
    const found: FoundEvaluation[] = [];
    const withdrawn: string[] = [];
    for (const evaluation of evaluations) {
      const { span: ids, responseId } = evaluation;
      const own = ids && this.#spans.get(ids.traceId, ids.spanId);
      const about = this.#responses.spanOf(responseId) ?? own;
      const chain = about ? [about, ...this.#spans.ancestorsOf(about)] : [];
      const [first, ...above] = chain.map(({ span }) => span);
      if (first && isOptedOut({ span: first, ancestors: above })) withdrawn.push(evaluation.id);
      else {
        const recorded = about && this.#recordedAt(chain);
        const recordIds = recorded ? idsOf(recorded) : undefined;
        const settled = ids && this.#settled.get(recordId(ids));
        found.push({
          ...evaluation,
          recordId: recordIds ? recordId(recordIds) : settled,
          spans: chain.map(({ span }) => span),
        });
      }
    }
    return { found, withdrawn };
  }

  /** Returns the span of the record that a span is part of: of the call at or above it, else of the last call below it. */
  #recordedAt(chain: readonly BufferedSpan[]): BufferedSpan | undefined {
    const call = chain.find((span) => roleIn(span) === 'llm');
    if (call) {
      if (this.#callSpan(call).isFinal) return call;
      const { recorded } = this.#callSpan(this.#rootOf(call));
      return recorded.find((span) => chain.includes(span)) ?? recorded.at(-1);
    }
    const [top] = chain;
    if (!top) return undefined;
    const agent = chain.find((span) => this.#recordedWith(span).length > 0);
    if (agent) return this.#recordedWith(agent).at(-1);
    const tree = new Set<BufferedSpan>();
    this.#spans.collectTree(top, tree);
    return [...tree]
      .filter((span) => this.#callSpans.get(span)?.isFinal === true)
      .sort(byEnd)
      .at(-1);
  }

  /** Returns the spans of the calls that an agent became alone or with others. */
  #recordedWith(span: BufferedSpan): readonly BufferedSpan[] {
    return roleIn(span) === 'agent' ? (this.#callSpans.get(this.#rootOf(span))?.recorded ?? []) : [];
  }

  /** Returns the outermost span of a group. An agent with a call below it is in no group. */
  #rootOf(span: BufferedSpan): Root {
    const seen = new Set([span]);
    for (const one of seen) {
      const outer = this.#callSpans.get(one)?.outer;
      if (!outer || (roleIn(outer) === 'agent' && this.#callsBelow.hasCall(outer))) return one;
      seen.add(outer);
    }
    return span;
  }

  #callSpan(span: BufferedSpan): CallSpan {
    const known = this.#callSpans.get(span);
    if (known) return known;
    const place: CallSpan = {
      outer: undefined,
      inner: new Set(),
      partners: [],
      recorded: [],
      hasFailedChild: false,
      isNoCall: false,
      isHandedOut: false,
      isFinal: false,
      isStored: false,
    };
    this.#callSpans.set(span, place);
    return place;
  }

  #evict(): void {
    this.#spans.evict((spans) => {
      for (const span of spans) if (this.#callSpans.get(span)?.isStored === true) this.#settle(span);
      for (const span of spans) {
        this.#sameCalls.remove(span);
        this.#callsBelow.forget(span);
        this.#callSpans.delete(span);
      }
    });
  }

  /** Remembers the record that a span is part of. */
  #settle(span: BufferedSpan): void {
    const recorded = this.#recordedAt([span]);
    if (!recorded) return;
    const id = recordId(idsOf(span));
    this.#settled.delete(id);
    this.#settled.set(id, recordId(idsOf(recorded)));
    if (this.#settled.size <= MAX_SETTLED) return;
    const [oldest] = this.#settled.keys();
    if (oldest !== undefined) this.#settled.delete(oldest);
  }
}

function idsOf({ trace: { traceId }, spanId }: BufferedSpan): SpanIds {
  return { traceId, spanId };
}

function mayBeCall(span: BufferedSpan): boolean {
  return roleIn(span) === 'llm' || isCounting(span);
}

/** Returns whether it matters what is below a span. */
function isCounting(span: BufferedSpan): boolean {
  return roleIn(span) === 'agent' || roleIn(span) === 'unclear';
}

/** Returns the span that a span is nested in: an LLM span in one of its call, an agent in the nearest agent. */
function outerOf(span: BufferedSpan, ancestors: readonly BufferedSpan[]): BufferedSpan | undefined {
  if (roleIn(span) === 'agent') return ancestors.find((above) => roleIn(above) === 'agent');
  if (roleIn(span) !== 'llm') return undefined;
  const nearest = ancestors.find((above) => decidesNesting(roleIn(above)));
  return nearest && roleIn(nearest) === 'llm' ? nearest : undefined;
}

interface ReadGroups {
  /** Spans whose groups are to be read. */
  readonly open: Set<Root>;
  /** All spans of the groups. */
  readonly members: Set<BufferedSpan>;
  /** Agents without question or answer. */
  readonly silent: Set<BufferedSpan>;
  readonly located: Map<IndexedCall<Root>, LocatedCall>;
  readonly finals: LocatedCall[];
  unreadable: number;
  unstored: Unstored | undefined;
}

/** Orders spans as they ended. */
function byEnd({ span: a, spanId: idA }: BufferedSpan, { span: b, spanId: idB }: BufferedSpan): number {
  return a.endTime[0] - b.endTime[0] || a.endTime[1] - b.endTime[1] || (idA < idB ? -1 : 1);
}

/** Orders calls as they started, enclosing ones first. */
function byStart({ call: a }: LocatedCall, { call: b }: LocatedCall): number {
  return (
    a.startTimeMs - b.startTimeMs ||
    b.endTimeMs - a.endTimeMs ||
    (`${a.traceId}-${a.spanId}` < `${b.traceId}-${b.spanId}` ? -1 : 1)
  );
}
