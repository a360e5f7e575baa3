import type { SpanLike } from '../model/span-like.js';
import type { Dialect, SpanRole } from '../model/dialect.js';

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
}

const NO_CANDIDATES: readonly Candidate[] = [];

/**
 * Builds a recogniser over dialects in the order in which they are tried.
 *
 * It runs at the start and the end of every span of the application. A span without a marker attribute of any dialect costs one
 * look-up for each of its attributes. A dialect's own check runs only if one of its markers is on the span.
 */
export function createRecogniser(dialects: readonly Dialect[]): Recogniser {
  const byMarker = candidatesByMarker(dialects);
  return (span, names = Object.keys(span.attributes)) => {
    let candidates = NO_CANDIDATES;
    for (const name of names) {
      const marked = byMarker.get(name);
      if (marked) candidates = mergeByRank(candidates, marked);
    }
    for (const { dialect } of candidates) {
      const role = dialect.recognise(span.attributes, span);
      if (role !== undefined) return { dialect, role };
    }
    return undefined;
  };
}

/** Returns for each marker attribute the dialects that have it, by ascending rank. */
function candidatesByMarker(dialects: readonly Dialect[]): ReadonlyMap<string, readonly Candidate[]> {
  const byMarker = new Map<string, Candidate[]>();
  for (const [rank, dialect] of dialects.entries()) {
    const candidate = { rank, dialect };
    for (const marker of new Set(dialect.markerAttributes)) {
      const candidates = byMarker.get(marker) ?? [];
      candidates.push(candidate);
      byMarker.set(marker, candidates);
    }
  }
  return byMarker;
}

/**
 * Returns the candidates of both lists by ascending rank, each once. Both lists must be sorted by rank; neither is changed. Linear:
 * a sort of both doubles the cost of every tool span (test/bench/reading.mjs).
 */
function mergeByRank(a: readonly Candidate[], b: readonly Candidate[]): readonly Candidate[] {
  if (a.length === 0) return b;
  if (b.every((candidate) => a.includes(candidate))) return a;
  const merged: Candidate[] = [];
  let taken = 0;
  for (const candidate of a) {
    let next = b[taken];
    while (next && next.rank < candidate.rank) {
      merged.push(next);
      taken += 1;
      next = b[taken];
    }
    if (next === candidate) taken += 1;
    merged.push(candidate);
  }
  for (const candidate of b.slice(taken)) merged.push(candidate);
  return merged;
}
