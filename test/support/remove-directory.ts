import { rm } from 'node:fs/promises';

/** Removes a directory to which somebody may still write: a spool whose shutdown ran out of time puts its files in order. */
export async function removeDirectory(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}
