/** The environment of the process, where there is one: browsers and some edge runtimes have none. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  const holder = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return holder.process?.env ?? {};
}

/** What a variable is set to; white space around it does not count, and nothing but that is as good as unset. */
export function environmentVariable(name: string): string | undefined {
  try {
    return processEnvironment()[name]?.trim() || undefined;
  } catch {
    // Deno asks for a permission.
    return undefined;
  }
}
