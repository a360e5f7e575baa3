/** Calls somebody else's function: neither what it throws nor a promise that it rejects gets any further. */
export function safely<A extends readonly unknown[]>(
  fn: ((...args: A) => unknown) | undefined,
  ...args: A
): void {
  try {
    ignoreRejection(fn?.(...args));
  } catch {
    // Whoever brought the function has to watch over it.
  }
}

/** A promise that somebody returned where none was wanted must not end the process when it is rejected. */
export function ignoreRejection(returned: unknown): void {
  if (typeof returned === 'object' && returned !== null) Promise.resolve(returned).catch(() => {});
}
