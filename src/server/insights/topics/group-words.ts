import type { Pacer } from './pacer.js';

/** Two groups with less in common stay apart: the cosine of their profiles. */
const MIN_SIMILARITY = 0.35;

/**
 * Joins the two groups of words with the most similar company again and again, until no two are similar.
 *
 * @param profiles company of each word
 * @param weights of each word in the profile of its group
 * @returns places of `profiles`, for each group
 */
export async function groupWords(
  profiles: readonly Float32Array[],
  weights: readonly number[],
  pacer: Pacer,
): Promise<readonly (readonly number[])[]> {
  const groups = profiles.map((profile, place) => ({
    places: [place],
    sum: scaled(profile, weights[place] ?? 1),
  }));
  const similarities: number[][] = [];
  for (const [row, a] of groups.entries()) {
    similarities.push(groups.slice(0, row).map((b) => cosine(a.sum, b.sum)));
    await pacer.rest();
  }
  const isOpen = groups.map(() => true);
  for (;;) {
    await pacer.rest();
    const [a, b, best] = mostSimilar(similarities, isOpen);
    if (best < MIN_SIMILARITY) break;
    const [kept, joined] = [groups[b], groups[a]];
    if (!kept || !joined) break;
    kept.places.push(...joined.places);
    kept.sum = kept.sum.map((value, index) => value + (joined.sum[index] ?? 0));
    isOpen[a] = false;
    for (const [other, group] of groups.entries())
      if (isOpen[other] === true && other !== b) {
        const row = similarities[Math.max(other, b)] as number[];
        row[Math.min(other, b)] = cosine(kept.sum, group.sum);
      }
  }
  return groups.filter((_, index) => isOpen[index]).map(({ places }) => places.sort((x, y) => x - y));
}

/** Returns the pair with the highest similarity, the larger place first. Of several, the first. */
function mostSimilar(
  similarities: readonly (readonly number[])[],
  isOpen: readonly boolean[],
): readonly [number, number, number] {
  let best: readonly [number, number, number] = [0, 0, -1];
  for (const [row, values] of similarities.entries()) {
    if (isOpen[row] !== true) continue;
    for (let column = 0; column < row; column++)
      if (isOpen[column] === true && (values[column] ?? -1) > best[2])
        best = [row, column, values[column] ?? -1];
  }
  return best;
}

function scaled(profile: Float32Array, weight: number): Float32Array {
  const length = Math.sqrt(dot(profile, profile)) || 1;
  return profile.map((value) => (value * weight) / length);
}

function cosine(a: Float32Array, b: Float32Array): number {
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b) || 1);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}
