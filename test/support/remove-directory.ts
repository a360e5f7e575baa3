import { rm } from 'node:fs/promises';

/** Removes a directory, with retries: a spool whose shutdown timed out may still write to it. */
export async function removeDirectory(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}
