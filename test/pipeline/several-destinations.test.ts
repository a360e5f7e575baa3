import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Destination } from '../../src/destinations/destination.js';
import { TrubricsClient, TrubricsSpanExporter } from '../../src/index.js';
import { fileSpool } from '../../src/node/index.js';
import { removeDirectory } from '../support/remove-directory.js';
import { scriptedDestination } from '../support/scripted-destination.js';
import { makeChatSpan } from '../support/span.js';

const COUNT = 50;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'several-'));
});
afterEach(async () => {
  await removeDirectory(dir);
});

function named(name: string, react: Parameters<typeof scriptedDestination>[0]) {
  return { ...scriptedDestination(react), name };
}

/** One of every fate. */
function oneOfEach() {
  const healthy = named('healthy', () => undefined);
  const all: readonly Destination[] = [
    named('hanging', () => 'hang'),
    named('refusing', () => ({ status: 401 })),
    named('down', () => new Error('no')),
    { ...named('unable', () => undefined), encode: () => JSON.parse('no JSON') as string },
    { ...named('throwing', () => undefined), send: () => JSON.parse('no JSON') as Promise<void> },
    healthy,
    named('dropping', () => ({ status: 404 })),
  ];
  return { all, healthy };
}

function track(client: TrubricsClient): void {
  for (let number = 0; number < COUNT; number++)
    client.trackPrompt({ prompt: 'Why?', generation: String(number) });
}

describe('Several destinations at once', () => {
  it('have a queue and a fate each: whatever happens at the others, the healthy one has everything at once', async () => {
    const { all, healthy } = oneOfEach();
    const client = new TrubricsClient({ destination: all, flushTimeoutMs: 1_000 });
    track(client);
    await vi.waitFor(() => {
      const waiting = client.stats().destinations.map(({ queued, inFlight }) => queued + inFlight);
      expect(waiting).toEqual([COUNT, COUNT, COUNT, 0, COUNT, 0, 0]);
    });
    expect(healthy.delivered).toHaveLength(COUNT);
    await client.shutdown();
    expect(client.stats().destinations).toMatchObject([
      { destination: 'hanging', delivered: 0, dropped: { shutdown_timeout: COUNT } },
      { destination: 'refusing', delivered: 0, dropped: { shutdown_timeout: COUNT }, lastError: 'HTTP 401' },
      { destination: 'down', delivered: 0, dropped: { shutdown_timeout: COUNT } },
      { destination: 'unable', delivered: 0, dropped: { serialization_failed: COUNT } },
      { destination: 'throwing', delivered: 0, dropped: { shutdown_timeout: COUNT } },
      { destination: 'healthy', delivered: COUNT },
      { destination: 'dropping', delivered: 0, dropped: { http_error: COUNT } },
    ]);
  });

  it('have a part of the spool each, and what one has not taken is kept for it alone', async () => {
    const { all } = oneOfEach();
    const spool = fileSpool({ dir, claimWithinMs: 0 });
    const client = new TrubricsClient({ destination: all, flushTimeoutMs: 500, spool });
    track(client);
    await client.flush();
    await client.shutdown();
    const spooled = client.stats().destinations.map(({ destination, spooled }) => [destination, spooled]);
    expect(Object.fromEntries(spooled)).toEqual({
      hanging: COUNT,
      refusing: COUNT,
      down: COUNT,
      unable: 0,
      throwing: COUNT,
      healthy: 0,
      dropping: 0,
    });
    expect((await readdir(join(dir, 'dropping'))).toSorted()).toEqual(['dead-letter.jsonl']);
    expect(await readdir(join(dir, 'healthy'))).toEqual([]);
  });

  it.each([
    ['success when all have it', [undefined, undefined], 0],
    ['failure when one of them has dropped it', [undefined, { status: 404 }], 1],
  ])('let an exporter report %s', async (_, reactions, code) => {
    const destination = reactions.map((reaction, index) => named(String(index), () => reaction));
    const exporter = new TrubricsSpanExporter({ destination, flushAt: 1 });
    const results: { code: number }[] = [];
    await new Promise<void>((resolve) =>
      exporter.export([makeChatSpan()], (result) => {
        results.push(result);
        resolve();
      }),
    );
    await exporter.shutdown();
    expect(results.map((result) => result.code)).toEqual([code]);
  });
});
