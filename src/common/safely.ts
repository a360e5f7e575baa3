/** Calls a function of the user. Ignores what it throws and the rejection of a promise that it returns. */
export function safely<A extends readonly unknown[]>(
  fn: ((...args: A) => unknown) | undefined,
  ...args: A
): void {
  try {
    ignoreRejection(fn?.(...args));
  } catch {
    // Ignored: there is nobody to report errors of user callbacks to.
  }
}

/** Handles the rejection of a promise that a user's function returned, because an unhandled one ends the process. */
export function ignoreRejection(returned: unknown): void {
  if (typeof returned === 'object' && returned !== null) Promise.resolve(returned).catch(() => {});
}
