/** Rounds after which the rest is sorted: numbers in an unlucky order would take as many rounds as there are numbers. */
const MAX_ROUNDS = 64;

/**
 * Returns the number that stands at `index` when the list is sorted; undefined outside of it. Reorders the list. A percentile needs one
 * number of a sorted list, and sorting takes several times as long (test/bench/server-answers.mjs).
 *
 * @param numbers without NaN, which would end no round
 */
export function nthSmallest(numbers: Float64Array, index: number): number | undefined {
  let [low, high] = [0, numbers.length - 1];
  for (let round = 0; low < high; round++) {
    if (round === MAX_ROUNDS) {
      numbers.subarray(low, high + 1).sort();
      break;
    }
    const end = partition(numbers, low, high);
    if (index <= end) high = end;
    else low = end + 1;
  }
  return numbers[index];
}

/** Moves smaller numbers to the front (C. A. R. Hoare, 1961). Returns the end of the front: nothing before it is above anything after it. */
function partition(numbers: Float64Array, low: number, high: number): number {
  const pivot = middleOf(numbers[low] ?? 0, numbers[(low + high) >>> 1] ?? 0, numbers[high] ?? 0);
  let [left, right] = [low - 1, high + 1];
  for (;;) {
    do left++;
    while ((numbers[left] ?? 0) < pivot);
    do right--;
    while ((numbers[right] ?? 0) > pivot);
    // Never the last place: the pivot is no larger than one of two other numbers.
    if (left >= right) return right;
    const smaller = numbers[right] ?? 0;
    numbers[right] = numbers[left] ?? 0;
    numbers[left] = smaller;
  }
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
