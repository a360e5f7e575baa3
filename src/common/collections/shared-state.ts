/**
 * Returns state that the ESM and the CommonJS copy of this package, or two installed versions, share. It lives on a global symbol, from its
 * first use on. A change of its shape needs another symbol.
 */
export function sharedState<T>(key: symbol, create: () => T): T {
  const holder = globalThis as { [key: symbol]: T | undefined };
  holder[key] ??= create();
  return holder[key];
}
