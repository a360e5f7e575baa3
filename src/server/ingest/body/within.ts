/** Nothing came for too long. */
export class StalledError extends Error {
  override readonly name = 'StalledError';
}

/**
 * Resolves as `work` does.
 *
 * @throws StalledError if `work` takes longer. It goes on, and its result is ignored.
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StalledError(`Nothing came for ${ms} ms`)), ms);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
