import { once } from '../../common/collections/once.js';
import { ATTR_GEN_AI_PROVIDER_NAME, ATTR_GEN_AI_SYSTEM } from '../../common/semconv.js';
import type { Dialect, GenAiSpans, SpanRole } from '../model/dialect.js';
import { scopeNameOf, type SpanLike } from '../model/span-like.js';

/** A dialect that claims a span, and the role it gives the span. */
export interface RecognisedSpan {
  readonly dialect: Dialect;
  readonly role: SpanRole;
}

/** Returns the first dialect that claims a span, or `undefined` if none does. `names` are the names of the span's attributes. */
export type Recogniser = (span: SpanLike, names?: readonly string[]) => RecognisedSpan | undefined;

/** A dialect and its position in the order in which dialects are tried. */
interface Candidate {
  readonly rank: number;
  readonly dialect: Dialect;
  /** Condition on the span, if the marker is a general name. */
  readonly genAiSpans: GenAiSpans | undefined;
}

/**
 * Builds a recogniser over dialects in the order in which they are tried.
 *
 * It runs at the start and the end of every span of the application. A span without a marker attribute of any dialect costs one
 * look-up for each of its attributes. A dialect's own check runs only if one of its markers is on the span, and if that is a general
 * name (`gen_ai.*`), only if the span fulfils the dialect's `genAiSpans`.
 */
export function createRecogniser(dialects: readonly Dialect[]): Recogniser {
  const markers = once(() => candidatesByMarker(dialects));
  return (span, names = Object.keys(span.attributes)) => {
    const byMarker = markers();
    let byRank: Candidate[] | undefined;
    for (const name of names) {
      const marked = byMarker.get(name);
      if (marked === undefined) continue;
      byRank ??= [];
      for (const candidate of marked) {
        if (!candidate.genAiSpans || !byRank[candidate.rank]) byRank[candidate.rank] = candidate;
      }
    }
    if (byRank === undefined) return undefined;
    const scope = scopeNameOf(span);
    for (const candidate of byRank) {
      // A list that is filled by rank has holes.
      if (!candidate || (candidate.genAiSpans && !isAmong(candidate.genAiSpans, span, scope))) continue;
      const { dialect } = candidate;
      const role = dialect.recognise(span.attributes, span);
      if (role !== undefined) return { dialect, role };
    }
    return undefined;
  };
}

/** Loops and early returns: closures here double the cost of every tool span (test/bench/reading.mjs). */
function isAmong({ scopes, names, providers }: GenAiSpans, span: SpanLike, scope: string): boolean {
  if (scopes) for (const beginning of scopes) if (scope.startsWith(beginning)) return true;
  if (names?.includes(span.name)) return true;
  if (!providers) return false;
  const provider = span.attributes[ATTR_GEN_AI_PROVIDER_NAME] ?? span.attributes[ATTR_GEN_AI_SYSTEM];
  return typeof provider === 'string' && providers.includes(provider);
}

/** Returns for each marker attribute the dialects that have it, by ascending rank. */
function candidatesByMarker(dialects: readonly Dialect[]): ReadonlyMap<string, readonly Candidate[]> {
  const byMarker = new Map<string, Candidate[]>();
  for (const [rank, dialect] of dialects.entries()) {
    const onAnySpan: Candidate = { rank, dialect, genAiSpans: undefined };
    const onGenAiSpans = dialect.genAiSpans ? { ...onAnySpan, genAiSpans: dialect.genAiSpans } : onAnySpan;
    for (const marker of new Set(dialect.markerAttributes)) {
      const candidates = byMarker.get(marker) ?? [];
      candidates.push(marker.startsWith('gen_ai.') ? onGenAiSpans : onAnySpan);
      byMarker.set(marker, candidates);
    }
  }
  return byMarker;
}
