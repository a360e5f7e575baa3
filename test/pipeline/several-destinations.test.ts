import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Destination } from '../../src/destinations/destination.js';
import { TrubricsClient, TrubricsSpanExporter } from '../../src/index.js';
import { fileSpool } from '../../src/node/index.js';
import { scriptedDestination } from '../support/scripted-destination.js';
import { makeChatSpan } from '../support/span.js';
import { useFolder } from '../support/use-folder.js';
import { directoryNameOf } from '../../src/node/spool/directory-name.js';
import { eventually } from '../support/eventually.js';

const COUNT = 50;

function named(name: string, react: Parameters<typeof scriptedDestination>[0]) {
  return { ...scriptedDestination(react), name };
}

/** Returns a destination for every way to succeed or fail. */
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

describe('several destinations', () => {
  test('each destination has its own queue: a healthy one gets everything whatever the others do', async () => {
    const { all, healthy } = oneOfEach();
    const client = new TrubricsClient({ destination: all, flushTimeoutMs: 1_000 });
    track(client);
    await eventually(() => {
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

  test('each destination has its own part of the spool, with what it has not taken', async () => {
    const { all } = oneOfEach();
    const dir = await useFolder();
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
    expect((await readdir(join(dir, directoryNameOf({ name: 'dropping' })))).toSorted()).toEqual([
      'dead-letter.jsonl',
    ]);
    expect(await readdir(join(dir, directoryNameOf({ name: 'healthy' })))).toEqual([]);
  });

  test.each([
    ['success when all have it', [undefined, undefined], 0],
    ['failure when one of them has dropped it', [undefined, { status: 404 }], 1],
  ])('the exporter reports to several destinations: %s', async (_, reactions, code) => {
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
