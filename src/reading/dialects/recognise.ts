import type { SpanLike } from '../model/span-like.js';
import type { Dialect, SpanRole } from '../model/dialect.js';

/** A dialect that claims a span, and the role it gives the span. */
export interface RecognisedSpan {
  readonly dialect: Dialect;
  readonly role: SpanRole;
}

/** Returns the first dialect that claims a span, or `undefined`. `names` are the names of the span's attributes. */
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

/** For each marker attribute the dialects that it points to, by ascending rank. */
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

/** Merges two lists that are sorted by rank. Returns the first list itself if it already has every candidate of the second. */
function mergeByRank(a: readonly Candidate[], b: readonly Candidate[]): readonly Candidate[] {
  if (a.length === 0) return b;
  if (b.every((candidate) => a.includes(candidate))) return a;
  const merged: Candidate[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const left = a[i];
    const right = b[j];
    if (left && (!right || left.rank <= right.rank)) {
      merged.push(left);
      i += 1;
      if (left === right) j += 1;
    } else if (right) {
      merged.push(right);
      j += 1;
    }
  }
  return merged;
}
