import type { Pacer } from './pacer.js';

/** Words that are compared with each other: time and memory grow with the square. */
const MAX_WORDS = 1200;
/** Words of one text that are looked at, the rarest first. */
const MAX_PER_TEXT = 60;
/** Share of the texts above which a word is in too many to tell them apart. */
const MAX_SHARE = 0.66;
const MIN_TEXTS = 3;
const MIN_SHARE = 0.004;
/** With fewer other words for each of its texts, a word is what they are about. */
const ALONE = 0.5;

/** Co-occurrence of words in texts of one language. */
export interface Associations {
  /** Numbers of the words in the vocabulary, the most frequent first. */
  readonly words: readonly number[];
  /** Number of texts of each word. */
  readonly frequencies: Float64Array;
  /**
   * Difference between the company of each word and that of an average word: the chi-square distance as in correspondence analysis, without the part
   * that chance explains. About 0 for words such as “the”, which occur with everything.
   */
  readonly distinctness: Float64Array;
  /** Standardised company of each word: the cosine of two of them is 1 if they occur with the same words. */
  readonly profiles: readonly Float32Array[];
}

/** @param texts the distinct words of each text, by number */
export async function associate(texts: readonly Uint32Array[], pacer: Pacer): Promise<Associations> {
  const { words, frequencies } = candidates(texts);
  const places = new Map(words.map((word, place) => [word, place]));
  const together = await countTogether(texts, places, pacer);
  const size = words.length;
  const sums = together.map((row) => row.reduce((sum, count) => sum + count, 0));
  const total = Math.max(
    1,
    sums.reduce((sum, count) => sum + count, 0),
  );
  const distinctness = new Float64Array(size);
  const profiles: Float32Array[] = [];
  for (let place = 0; place < size; place++) {
    const [row, sum] = [together[place] as Float64Array, Math.max(1, sums[place] ?? 0)];
    const profile = new Float32Array(size);
    let distance = 0;
    for (let other = 0; other < size; other++) {
      const expected = (sums[other] ?? 0) / total;
      if (expected === 0) continue;
      const count = other === place ? (frequencies[place] ?? 0) : (row[other] ?? 0);
      const difference = count / sum - expected;
      profile[other] = difference / Math.sqrt(expected);
      if (other !== place) distance += (difference * difference) / expected;
    }
    const isAlone = sum < ALONE * (frequencies[place] ?? 0);
    distinctness[place] = isAlone ? Infinity : Math.max(0, distance - (size - 1) / sum);
    profiles.push(profile);
    await pacer.rest();
  }
  return { words, frequencies, distinctness, profiles };
}

/** Chooses the words that are neither in too few nor in too many texts. */
function candidates(texts: readonly Uint32Array[]): {
  readonly words: readonly number[];
  readonly frequencies: Float64Array;
} {
  const counts = new Map<number, number>();
  for (const text of texts) for (const word of text) counts.set(word, (counts.get(word) ?? 0) + 1);
  const least = Math.max(MIN_TEXTS, MIN_SHARE * texts.length);
  const chosen = [...counts]
    .filter(([, count]) => count >= least && count <= MAX_SHARE * texts.length)
    .sort(([a, n], [b, m]) => m - n || a - b)
    .slice(0, MAX_WORDS);
  return {
    words: chosen.map(([word]) => word),
    frequencies: Float64Array.from(chosen, ([, count]) => count),
  };
}

/** Counts the texts that have two words. */
async function countTogether(
  texts: readonly Uint32Array[],
  places: ReadonlyMap<number, number>,
  pacer: Pacer,
): Promise<readonly Float64Array[]> {
  const rows = Array.from({ length: places.size }, () => new Float64Array(places.size));
  for (const text of texts) {
    // The largest places are the rarest words.
    const present = Array.from(text, (word) => places.get(word) ?? -1)
      .filter((place) => place >= 0)
      .sort((a, b) => b - a)
      .slice(0, MAX_PER_TEXT);
    for (const a of present) {
      const row = rows[a] as Float64Array;
      for (const b of present) if (a !== b) row[b] = (row[b] ?? 0) + 1;
    }
    await pacer.rest();
  }
  return rows;
}
