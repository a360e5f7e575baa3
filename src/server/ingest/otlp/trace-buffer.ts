import { recordId } from '../../../common/record-id.js';
import {
  CallMerger,
  collapseNested,
  decidesNesting,
  mergeSameCall,
} from '../../../reading/calls/deduplicate-calls.js';
import type { LocatedCall } from '../../../reading/calls/located-call.js';
import { readRecognisedCall } from '../../../reading/dialects/read-llm-call.js';
import { SameCallIndex, type IndexedCall } from './same-call-index.js';
import { roleIn, SpanBuffer, type BufferedSpan } from './span-buffer.js';
import type { SpanLike } from '../../../reading/model/span-like.js';

// Exporters send spans as they end: children arrive before their parents, often in an earlier request, in any order, and again after a
// failed delivery. The records must not depend on that. For each request:
//
// 1. All spans are added to the trees of their traces. Affected are the LLM spans among them and below them.
// 2. LLM spans with no call boundary between form a group: one call. The groups of affected spans are read again; no others.
// 3. Calls of different groups that two libraries traced side by side are merged, also across traces and requests.
// 4. What is sorted is sorted by time and id, never by arrival. A call that was handed out earlier and is none now is superseded.
// 5. Then spans are forgotten, if there are too many.
//
// So a span costs what it and the spans below it cost, however long its trace is. Spans are remembered at once, because they only
// describe; which records the store has is remembered when it has them (`onStored`).

/** Calls found after the spans of a request were added. */
export interface FoundCalls {
  /** Calls to record: new ones, and earlier ones that the new spans may have changed. */
  readonly calls: readonly LocatedCall[];
  /** Ids of records that were made too early, because their spans are part of another call. */
  readonly superseded: readonly string[];
  /** Traces of both. */
  readonly traceIds: ReadonlySet<string>;
  /** Number of LLM spans that cannot be read. */
  readonly unreadable: number;
  /** Call it when the store has the records and no longer has the superseded ones. Until then, a repeated request finds the same. */
  readonly onStored: () => void;
}

/** The place of an LLM span among the LLM spans of its call. */
interface CallSpan {
  /** LLM span that this one is nested in. */
  outer: BufferedSpan | undefined;
  readonly inner: Set<BufferedSpan>;
  /** Other groups whose calls were merged with a call of this group. Of outermost spans only. */
  partners: readonly BufferedSpan[];
  /** True if a record of this span may be in the store. */
  isHandedOut: boolean;
  /** True if a record of this span belongs in the store. */
  isFinal: boolean;
}

type Root = BufferedSpan;

/** Buffers spans and finds the calls in them. The algorithm is explained at the top of this file. */
export class TraceBuffer {
  readonly #spans = new SpanBuffer();
  readonly #callSpans = new Map<BufferedSpan, CallSpan>();
  readonly #sameCalls = new SameCallIndex<Root>();

  /** Adds the spans of one request, and returns the calls that they are or change. */
  add(spans: readonly SpanLike[]): FoundCalls {
    const added = spans.map((span) => this.#spans.add(span));
    const affected = this.#affectedBy(added);
    const groups = this.#readGroups(this.#regroup(affected));
    const found = this.#toFound(affected, groups);
    this.#spans.evict((span) => this.#forget(span));
    return found;
  }

  /** Returns the LLM spans whose place or ancestors may have changed. */
  #affectedBy(added: readonly BufferedSpan[]): readonly BufferedSpan[] {
    const trees = new Set<BufferedSpan>();
    for (const span of added) this.#spans.collectTree(span, trees);
    return [...trees].filter((span) => roleIn(span) === 'llm' || this.#callSpans.has(span));
  }

  /** Places LLM spans anew. Returns the outermost spans of all groups that they were or are in. */
  #regroup(affected: readonly BufferedSpan[]): Set<Root> {
    const roots = new Set<Root>();
    for (const span of affected) if (this.#callSpans.has(span)) roots.add(this.#rootOf(span));
    for (const span of affected) this.#place(span);
    for (const span of affected) roots.add(this.#rootOf(span));
    return roots;
  }

  #place(span: BufferedSpan): void {
    const place = this.#callSpan(span);
    const nearest = this.#spans.ancestorsOf(span).find((ancestor) => decidesNesting(roleIn(ancestor)));
    const isNested = roleIn(span) === 'llm' && nearest !== undefined && roleIn(nearest) === 'llm';
    if (place.outer) this.#callSpan(place.outer).inner.delete(span);
    place.outer = isNested ? nearest : undefined;
    if (place.outer) this.#callSpan(place.outer).inner.add(span);
  }

  /** Reads groups and merges their calls with the same calls of other groups, which are read again for that. */
  #readGroups(roots: Set<Root>): ReadGroups {
    const located = new Map<IndexedCall<Root>, LocatedCall>();
    const groups: ReadGroups = { members: new Set(), finals: [], unreadable: 0 };
    // A set can grow while it is iterated over.
    for (const root of roots) {
      const place = this.#callSpan(root);
      for (const partner of place.partners) if (this.#callSpans.has(partner)) roots.add(partner);
      place.partners = [];
      const isGroup = place.outer === undefined && roleIn(root) === 'llm';
      const calls = isGroup ? this.#readGroup(root, groups) : [];
      const indexed = this.#sameCalls.set(
        root,
        calls.map(({ call }) => call),
      );
      for (const [at, one] of indexed.entries()) {
        const call = calls[at];
        if (call) located.set(one, call);
        for (const partner of this.#sameCalls.partnersOf(one)) roots.add(partner.owner);
      }
    }
    this.#mergeSameCalls(located, groups);
    return groups;
  }

  /** Makes the calls of one group, innermost spans first. */
  #readGroup(root: Root, groups: ReadGroups): readonly LocatedCall[] {
    const members = new Set([root]);
    for (const member of members) for (const inner of this.#callSpan(member).inner) members.add(inner);
    const callsOf = new Map<BufferedSpan, readonly LocatedCall[]>();
    for (const member of [...members].toReversed()) {
      groups.members.add(member);
      const inner = [...this.#callSpan(member).inner].sort(byEnd).flatMap((one) => callsOf.get(one) ?? []);
      const call = this.#read(member);
      if (!call) groups.unreadable += 1;
      callsOf.set(member, call ? collapseNested(call, inner) : inner);
    }
    return callsOf.get(root) ?? [];
  }

  #read(member: BufferedSpan): LocatedCall | undefined {
    const { span, recognised } = member;
    const ancestors = this.#spans.ancestorsOf(member).map((ancestor) => ancestor.span);
    const call = readRecognisedCall(span, recognised, ancestors);
    return call && { call, span, ancestors };
  }

  /** Adds each call to `groups.finals` once: alone, or merged with those that are the same. */
  #mergeSameCalls(located: ReadonlyMap<IndexedCall<Root>, LocatedCall>, groups: ReadGroups): void {
    const seen = new Set<IndexedCall<Root>>();
    for (const [first, call] of located) {
      if (seen.has(first)) continue;
      const same = new Set([first]);
      for (const one of same) for (const partner of this.#sameCalls.partnersOf(one)) same.add(partner);
      for (const one of same) seen.add(one);
      if (same.size === 1) groups.finals.push(call);
      else groups.finals.push(...this.#merge([...same].flatMap((one) => located.get(one) ?? [])));
      const owners = [...new Set([...same].map(({ owner }) => owner))];
      if (owners.length > 1)
        for (const owner of owners) {
          const place = this.#callSpan(owner);
          place.partners = [...place.partners, ...owners];
        }
    }
  }

  #merge(same: readonly LocatedCall[]): readonly LocatedCall[] {
    const merger = new CallMerger<LocatedCall>(mergeSameCall);
    for (const next of [...same].sort(byStart)) if (!merger.merge(next)) merger.add(next);
    return merger.takeAll();
  }

  #toFound(affected: readonly BufferedSpan[], { members, finals, unreadable }: ReadGroups): FoundCalls {
    const finalSpans = new Set(
      finals.map(({ call: { traceId, spanId } }) => this.#spans.get(traceId, spanId)),
    );
    const superseded: BufferedSpan[] = [];
    for (const span of new Set([...members, ...affected])) {
      const place = this.#callSpan(span);
      place.isFinal = finalSpans.has(span);
      if (place.isFinal) place.isHandedOut = true;
      else if (place.isHandedOut) superseded.push(span);
    }
    return {
      calls: finals,
      superseded: superseded.map(({ trace: { traceId }, spanId }) => recordId({ traceId, spanId })),
      traceIds: new Set([
        ...finals.map(({ call }) => call.traceId),
        ...superseded.map(({ trace }) => trace.traceId),
      ]),
      unreadable,
      onStored: () => {
        for (const span of superseded) {
          const place = this.#callSpans.get(span);
          if (place && !place.isFinal) place.isHandedOut = false;
        }
      },
    };
  }

  #rootOf(span: BufferedSpan): Root {
    const seen = new Set([span]);
    for (const one of seen) {
      const outer = this.#callSpans.get(one)?.outer;
      if (!outer) return one;
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
      isHandedOut: false,
      isFinal: false,
    };
    this.#callSpans.set(span, place);
    return place;
  }

  #forget(span: BufferedSpan): void {
    this.#sameCalls.remove(span);
    this.#callSpans.delete(span);
  }
}

interface ReadGroups {
  /** All LLM spans of the groups. */
  readonly members: Set<BufferedSpan>;
  readonly finals: LocatedCall[];
  unreadable: number;
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
