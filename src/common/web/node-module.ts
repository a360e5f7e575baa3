/** Returns a built-in module of Node, or undefined elsewhere. It is not imported, because bundles for the edge must not import it. */
export function nodeModule(name: string): unknown {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  try {
    return process?.getBuiltinModule?.(name);
  } catch {
    // The edge runtime of Next.js throws for members of `process`.
    return undefined;
  }
}
