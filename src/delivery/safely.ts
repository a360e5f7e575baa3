/** Calls somebody else's function: neither what it throws nor a promise that it rejects gets any further. */
export function safely<A extends readonly unknown[]>(
  fn: ((...args: A) => unknown) | undefined,
  ...args: A
): void {
  try {
    const returned = fn?.(...args);
    if (typeof returned === 'object' && returned !== null) Promise.resolve(returned).catch(() => {});
  } catch {
    // Whoever brought the function has to watch over it.
  }
}
