/** Returns a function that makes its value at the first call, and returns the same value from then on. */
export function once<T extends object>(make: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= make());
}
