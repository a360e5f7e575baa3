import { RecentMap } from '../../common/collections/recent-map.js';
import type { OptOutState } from '../../common/context-identity.js';
import { parentSpanIdOf, type SpanLike } from '../../reading/model/span-like.js';
import { ownOptOutState } from '../../records/privacy/opt-out.js';
import { isLocalRoot } from './root-span-buffer.js';

/** Above it, the span that was noted first is forgotten. */
const MAX_SPANS = 20_000;

/** A span above calls that was not exported when they were. */
interface AwaitedSpan {
  state: OptOutState;
  /** Parent span, if the spans above decide. */
  parent?: AwaitedSpan;
}

/** Facts that are read of a span of a batch. */
interface ExportedSpan {
  readonly span: SpanLike;
  readonly own: ReturnType<typeof ownOptOutState>;
  /** Undefined for a local root. */
  readonly parentId: string | undefined;
}

/**
 * Opt-outs on spans of other batches. An exporter gets most spans before the spans above them, which end later, and some after
 * them. Ids of spans are enough: no span is kept.
 */
export class ExportedOptOuts {
  readonly #onWithdrawn: (span: SpanLike) => void;
  /** By span id. */
  readonly #awaited: RecentMap<string, AwaitedSpan>;
  /** Ids of exported spans below which nothing is recorded. */
  readonly #optedOutIds: RecentMap<string, true>;

  /** `onWithdrawn` is called for a span that opts out calls which were exported before it. */
  constructor(onWithdrawn: (span: SpanLike) => void, maxSpans = MAX_SPANS) {
    this.#onWithdrawn = onWithdrawn;
    this.#awaited = new RecentMap(maxSpans, giveUp);
    this.#optedOutIds = new RecentMap(maxSpans);
  }

  /** Call with each batch before its calls are recorded. */
  onExport(spans: readonly SpanLike[]): void {
    const batch = new Map(spans.flatMap(toExported));
    // From the last one on: most parents end after their children.
    for (const [id, { own, parentId }] of [...batch].toReversed()) {
      const isBelowOptOut = parentId !== undefined && this.#optedOutIds.has(parentId);
      if (own === 'withdrawn' || (own === undefined && isBelowOptOut)) this.#optedOutIds.set(id, true);
    }
    const withdrawing = new Set<SpanLike>();
    for (const id of batch.keys()) {
      const awaited = this.#awaited.get(id);
      const by = awaited && this.#decide(awaited, id, batch);
      if (by) withdrawing.add(by);
    }
    for (const span of withdrawing) this.#onWithdrawn(span);
  }

  /**
   * Returns the state of the opt-out above a call of the last batch, for {@link OptOutPlaces}: `ancestors` are the spans of its batch
   * above it, nearest first. `undefined`: no other span is above them.
   */
  above(span: SpanLike, ancestors: readonly SpanLike[]): (() => OptOutState) | undefined {
    const parentId = localParentId(ancestors.at(-1) ?? span);
    if (parentId === undefined) return undefined;
    if (this.#optedOutIds.has(parentId)) return () => 'withdrawn';
    const awaited = this.#await(parentId);
    return () => stateOf(awaited);
  }

  /** Follows the spans of a batch upwards from one that is awaited. Returns the span that opts out the calls below. */
  #decide(
    awaited: AwaitedSpan,
    awaitedId: string,
    batch: ReadonlyMap<string, ExportedSpan>,
  ): SpanLike | undefined {
    this.#awaited.delete(awaitedId);
    let nearest = batch.get(awaitedId);
    // Ids may form a circle.
    for (let depth = 0; nearest && depth < batch.size; depth += 1) {
      const { span, own, parentId }: ExportedSpan = nearest;
      const isBelowEarlier =
        parentId !== undefined && !batch.has(parentId) && this.#optedOutIds.has(parentId);
      if (own === 'withdrawn' || (own === undefined && isBelowEarlier)) {
        awaited.state = 'withdrawn';
        return span;
      }
      if (own === 'kept' || parentId === undefined) break;
      nearest = batch.get(parentId);
      if (!nearest) awaited.parent = this.#await(parentId);
    }
    awaited.state = 'kept';
    return undefined;
  }

  #await(spanId: string): AwaitedSpan {
    const known = this.#awaited.get(spanId);
    if (known) return known;
    const awaited: AwaitedSpan = { state: 'open' };
    this.#awaited.set(spanId, awaited);
    return awaited;
  }
}

/** Keeps the calls below a span that may never come, if it was not sampled. */
function giveUp(awaited: AwaitedSpan): void {
  awaited.state = 'kept';
}

/** Returns no entry for a span that cannot be read. It is counted where calls are read. */
function toExported(span: SpanLike): [string, ExportedSpan][] {
  try {
    const { spanId } = span.spanContext();
    return [[spanId, { span, own: ownOptOutState(span), parentId: localParentId(span) }]];
  } catch {
    return [];
  }
}

/** A loop, because a trace can be deep. It ends: a span is awaited by its children only until it is exported. */
function stateOf(awaited: AwaitedSpan): OptOutState {
  let nearest = awaited;
  while (nearest.parent) nearest = nearest.parent;
  return nearest.state;
}

/** Returns the id of the parent, unless that is in another process. */
function localParentId(span: SpanLike): string | undefined {
  return isLocalRoot(span) ? undefined : parentSpanIdOf(span);
}
