/** Names that are remembered. Beyond it all are forgotten, because names may hold anything. */
const MAX_NAMES = 4_096;
/** Longer names are no names of instrumentations, and would fill the memory. */
const MAX_LENGTH = 256;

/**
 * Returns `parse` with a memory of its results. The same names of attributes come with every span, and parsing a name costs more than
 * reading its value (test/bench/reading.mjs).
 */
export function rememberNames<T extends object | string>(parse: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const remembered = known.get(name);
    if (remembered !== undefined) return remembered;
    const parsed = parse(name);
    if (name.length > MAX_LENGTH) return parsed;
    if (known.size >= MAX_NAMES) known.clear();
    known.set(name, parsed);
    return parsed;
  };
}
