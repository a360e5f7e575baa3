/** The variables of an environment, for instance `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the environment of the process; an empty one where there is no process (browsers, some edge runtimes). */
export function processEnvironment(): Environment {
  const { process } = globalThis as { process?: { env?: Environment } };
  return process?.env ?? {};
}

/** Returns the value of a variable without surrounding white space. A blank variable counts as unset: `undefined`. */
export function environmentVariable(
  name: string,
  environment: Environment = processEnvironment(),
): string | undefined {
  try {
    return environment[name]?.trim() || undefined;
  } catch {
    // Deno throws if the process has no permission to read the variable.
    return undefined;
  }
}
