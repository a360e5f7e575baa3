import { vi } from 'vitest';

/**
 * Retries `check` until it passes, for at most 15 seconds: what passes by real disks and sockets takes long on a busy machine. The default
 * of `vi.waitFor` is one second.
 */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 15_000, interval: 10 });
}
