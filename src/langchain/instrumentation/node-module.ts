/** A module of Node itself, where there is Node or something like it. Nothing is imported: bundles for the edge stay free of it. */
export function nodeModule(name: string): unknown {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.(name);
}
