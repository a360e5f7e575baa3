type WithoutUndefined<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * Returns a copy without the undefined members, so that `Object.assign` of several readings does not overwrite known values.
 *
 * Readings are combined with `Object.assign`, because an object literal with several spreads is far slower (test/bench/reading.mjs).
 */
export function omitUndefined<T extends object>(object: T): WithoutUndefined<T> {
  const kept: Partial<T> = {};
  for (const key in object) {
    // A loop instead of Object.entries/fromEntries, which copy the object three times (test/bench/reading.mjs).
    if (object[key] !== undefined) kept[key] = object[key];
  }
  return kept as unknown as WithoutUndefined<T>;
}
