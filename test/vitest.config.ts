import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/compat/**'],
    // Vitest leaves one processor free, so that a machine with two would run one file at a time. Many of ours wait for disks, timers and processes.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A poll ends as soon as it succeeds: the limit only has to be longer than a busy machine needs.
    expect: { poll: { timeout: 15_000 } },
    // CI runs real processes, disks and clocks on a shared machine. scripts/summarise-tests.mjs names the tests that needed the retry.
    retry: process.env.CI ? 1 : 0,
  },
});
