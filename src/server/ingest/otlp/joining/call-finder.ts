import { CallMerger, mergeSameCall } from '../../../../reading/calls/deduplicate-calls.js';
import type { LocatedCall } from '../../../../reading/calls/located-call.js';
import { roleIn, type BufferedSpan, type BufferedTrace } from './buffered-span.js';
import type { Root } from './call-groups.js';
import type { JoiningState } from './joining-state.js';
import { readGroup } from './read-group.js';
import { SameCallIndex, type IndexedCall } from './indexes/same-call-index.js';
import { UnstoredGroups, type Unstored } from './unstored-groups.js';

/** Result of the groups that a request changed. */
export interface GroupCalls {
  /** Each call once: alone, or merged with those of other groups that are the same. */
  readonly calls: readonly LocatedCall[];
  /** All spans of the groups. */
  readonly members: ReadonlySet<BufferedSpan>;
  /** Agents without question or answer. */
  readonly withoutCall: ReadonlySet<BufferedSpan>;
  /** Spans of calls and agents without content. */
  readonly withoutContent: ReadonlySet<BufferedSpan>;
  /** Number of LLM spans that cannot be read. */
  readonly unreadable: number;
  /** Call it when the store has the records of the calls. */
  readonly onStored: () => void;
}

const NO_SPANS: readonly BufferedSpan[] = [];

/** Reading in progress. */
interface Reading {
  /** Outermost spans of groups to read. Grows while it is read. */
  readonly open: Set<Root>;
  /** Lists of partners that are in `open`: many groups share one. */
  readonly opened: Set<readonly Root[]>;
  readonly members: Set<BufferedSpan>;
  readonly withoutCall: Set<BufferedSpan>;
  readonly withoutContent: Set<BufferedSpan>;
  readonly located: Map<IndexedCall<Root>, LocatedCall>;
  unreadable: number;
}

/** Reads groups of spans, and merges their calls with the same calls of other groups. */
export class CallFinder {
  readonly #state: JoiningState;
  readonly #sameCalls = new SameCallIndex<Root>();
  readonly #unstored = new UnstoredGroups();

  constructor(state: JoiningState) {
    this.#state = state;
  }

  /** Reads groups and those that are read again because of them. `traces` are those of the request. Adds to `roots`. */
  find(roots: Set<Root>, traces: ReadonlySet<BufferedTrace>): GroupCalls {
    const reading: Reading = {
      open: roots,
      opened: new Set(),
      members: new Set(),
      withoutCall: new Set(),
      withoutContent: new Set(),
      located: new Map(),
      unreadable: 0,
    };
    const unstored = this.#readAll(reading, traces);
    return {
      calls: this.#mergeSameCalls(reading.located),
      members: reading.members,
      withoutCall: reading.withoutCall,
      withoutContent: reading.withoutContent,
      unreadable: reading.unreadable,
      onStored: () => this.#unstored.delete(unstored),
    };
  }

  forget(span: BufferedSpan): void {
    this.#sameCalls.remove(span);
    this.#unstored.forget(span);
  }

  /** Reads all groups. Returns what a repeated request has to read again if the store refuses this one. */
  #readAll(reading: Reading, traces: ReadonlySet<BufferedTrace>): Unstored {
    const { groups } = this.#state;
    const { open } = reading;
    const own = new Set(open);
    // LLM spans first: they decide which agents are calls. A set can grow while it is iterated over.
    for (const root of open) if (roleIn(root) === 'llm') this.#readRoot(root, reading);
    for (const span of groups.callsBelow.takeChanged())
      for (const one of [span, groups.rootOf(span), ...groups.placeOf(span).inner]) open.add(one);
    const unstored = this.#unstored.take(traces);
    for (const span of unstored.spans) if (groups.find(span)) open.add(span);
    for (const root of open)
      if (roleIn(root) === 'agent' || !reading.members.has(root)) this.#readRoot(root, reading);
    for (const root of open) if (roleIn(root) === 'agent' || !own.has(root)) unstored.spans.add(root);
    this.#unstored.add(unstored);
    return unstored;
  }

  /** Reads the group of a span, if it is the outermost one. Adds the groups with the same calls to `reading.open`. */
  #readRoot(root: Root, reading: Reading): void {
    const { groups } = this.#state;
    const place = groups.placeOf(root);
    reading.members.add(root);
    if (!reading.opened.has(place.partners)) {
      reading.opened.add(place.partners);
      for (const partner of place.partners) if (groups.find(partner)) reading.open.add(partner);
    }
    place.partners = NO_SPANS;
    place.recorded = NO_SPANS;
    const calls = groups.rootOf(root) === root ? this.#readCalls(root, reading) : [];
    const indexed = this.#sameCalls.set(
      root,
      calls.map(({ call }) => call),
    );
    for (const [at, one] of indexed.entries()) {
      const call = calls[at];
      if (call) reading.located.set(one, call);
      for (const partner of this.#sameCalls.partnersOf(one)) reading.open.add(partner.owner);
    }
  }

  #readCalls(root: Root, reading: Reading): readonly LocatedCall[] {
    const { calls, members, withoutCall, withoutContent, unreadable } = readGroup(root, this.#state);
    for (const member of members) reading.members.add(member);
    for (const span of withoutCall) reading.withoutCall.add(span);
    for (const span of withoutContent) reading.withoutContent.add(span);
    reading.unreadable += unreadable;
    return calls;
  }

  #mergeSameCalls(located: Reading['located']): readonly LocatedCall[] {
    const { spans, groups } = this.#state;
    const seen = new Set<IndexedCall<Root>>();
    const finals: LocatedCall[] = [];
    for (const [first, call] of located) {
      if (seen.has(first)) continue;
      const same = new Set([first]);
      for (const one of same) for (const partner of this.#sameCalls.partnersOf(one)) same.add(partner);
      for (const one of same) seen.add(one);
      const merged = same.size === 1 ? [call] : mergeAll([...same].flatMap((one) => located.get(one) ?? []));
      finals.push(...merged);
      const owners = same.size === 1 ? [first.owner] : [...new Set([...same].map(({ owner }) => owner))];
      const recorded = merged.flatMap(({ call: { traceId, spanId } }) => spans.get(traceId, spanId) ?? []);
      for (const owner of owners) {
        const place = groups.placeOf(owner);
        place.recorded = joined(place.recorded, recorded);
        if (owners.length > 1) place.partners = joined(place.partners, owners);
      }
    }
    return finals;
  }
}

/** Mostly, the first list is empty: then the second is shared by all that have it, so that thousands of equal calls do not have as many lists. */
function joined<T>(first: readonly T[], second: readonly T[]): readonly T[] {
  return first.length === 0 ? second : [...first, ...second];
}

function mergeAll(same: readonly LocatedCall[]): readonly LocatedCall[] {
  const merger = new CallMerger<LocatedCall>(mergeSameCall);
  for (const next of [...same].sort(byStart)) if (!merger.merge(next)) merger.add(next);
  return merger.takeAll();
}

/** Orders calls as they started, enclosing ones first. */
function byStart({ call: a }: LocatedCall, { call: b }: LocatedCall): number {
  return (
    a.startTimeMs - b.startTimeMs ||
    b.endTimeMs - a.endTimeMs ||
    (`${a.traceId}-${a.spanId}` < `${b.traceId}-${b.spanId}` ? -1 : 1)
  );
}
