import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { Settlement } from '../../src/delivery/model/settlement.js';
import type { DeliveryStats } from '../../src/delivery/model/delivery-stats.js';
import { trubricsIngestion } from '../../src/destinations/ingestion/ingestion.js';
import { fileSpool } from '../../src/node/index.js';
import { eventEntry, promptEntry } from '../support/entries.js';
import { removeDirectory } from '../support/remove-directory.js';
import { OK, type Reply, type ScriptedRequest, startScriptedServer } from '../support/scripted-server.js';
import { idsOf } from '../support/stored-ids.js';

/** The response of the server. A 422 depends on the request, whose bad entries it names; a date depends on the time. */
type Move = Reply | 'refuse-named' | 'refuse-unnamed' | 'retry-after-date';

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(OK) },
  {
    weight: 5,
    arbitrary: fc.constantFrom<Move>(
      { status: 500 },
      { status: 503, headers: { 'retry-after': '0' } },
      { status: 429 },
      { status: 429, headers: { 'retry-after': '1' } },
      'retry-after-date',
      { status: 413 },
      { status: 401 },
      { status: 404 },
      { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
      { status: 200, body: 'x'.repeat(100_000) },
      { status: 422, body: '{"detail":"truncat' },
      'refuse-named',
      'refuse-unnamed',
      'hang',
      'drip',
      'reset',
      'reset-after-storing',
      'truncate',
      'garbage',
    ),
  },
);

const arrival = fc.record({
  kind: fc.constantFrom('prompt' as const, 'event' as const),
  isBad: fc.boolean(),
  pauseMs: fc.constantFrom(0, 0, 0, 0, 5),
});

function replyTo(move: Move, request: ScriptedRequest, badIds: ReadonlySet<string>): Reply {
  const bad = idsOf(request.items).flatMap((id, index) => (badIds.has(id) ? [index] : []));
  if (move === 'refuse-named' && bad.length > 0) {
    return { status: 422, body: JSON.stringify({ detail: bad.map((index) => ({ loc: ['body', index] })) }) };
  }
  if (move === 'refuse-unnamed' && bad.length > 0) return { status: 400, body: 'bad request' };
  if (move === 'retry-after-date') {
    const date = new Date(fastRuntime.now() + 20_000).toUTCString();
    return { status: 429, headers: { 'retry-after': date } };
  }
  return move === 'refuse-named' || move === 'refuse-unnamed' ? OK : move;
}

function expectBalance(stats: DeliveryStats): void {
  const dropped = Object.values(stats.dropped).reduce((sum, count) => sum + count, 0);
  expect(stats.delivered + stats.spooled + dropped + stats.queued + stats.inFlight).toBe(stats.accepted);
  expect(stats.queued).toBeGreaterThanOrEqual(0);
  expect(stats.inFlight).toBeGreaterThanOrEqual(0);
}

const SPEED = 1_000;
/** In real time: long enough for a busy machine, short enough for a test. */
const REQUEST_TIMEOUT_MS = 150;
/** Timeout on the fast clock, longer than the test may take, so that the result does not depend on the load of the machine. */
const FOREVER_MS = 1_000 * 3_600_000;

/** Minutes of waiting become milliseconds; the requests themselves are real, and so is their timeout. */
const fastRuntime = {
  setTimer(callback: () => void, delayMs: number): unknown {
    return setTimeout(callback, delayMs === REQUEST_TIMEOUT_MS ? delayMs : Math.ceil(delayMs / SPEED));
  },
  now: () => performance.timeOrigin + performance.now() * SPEED,
};

describe.each([
  ['memory', 150],
  ['a spool', 60],
])('Delivery from %s to a server that does anything', (place, numRuns) => {
  test(
    'every entry is settled exactly once, and delivered ones are on the server',
    { timeout: 300_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(move, { maxLength: 12 }),
          fc.array(arrival, { minLength: 1, maxLength: 60 }),
          fc.integer({ min: 1, max: 30 }),
          async (moves, arrivals, flushAt) => {
            const badIds = new Set(arrivals.flatMap(({ isBad }, index) => (isBad ? [`id-${index}`] : [])));
            const server = await startScriptedServer((request) =>
              replyTo(moves[request.number - 1] ?? OK, request, badIds),
            );
            const dir = place === 'memory' ? undefined : await mkdtemp(join(tmpdir(), 'schedules-'));
            const delivery = createDelivery(
              trubricsIngestion({ host: server.url }),
              {
                flushAt,
                requestTimeoutMs: REQUEST_TIMEOUT_MS,
                maxAgeMs: Number.MAX_SAFE_INTEGER,
                ...(dir !== undefined && { spool: fileSpool({ dir, maxAgeMs: Number.MAX_SAFE_INTEGER }) }),
              },
              fastRuntime,
            );
            const settlements = new Map<string, Settlement[]>();
            const snapshots: DeliveryStats[] = [];
            for (const [index, { kind, pauseMs }] of arrivals.entries()) {
              const id = `id-${index}`;
              settlements.set(id, []);
              const entry = kind === 'prompt' ? promptEntry(id) : eventEntry(id);
              delivery.accept(entry, (settlement) => {
                settlements.get(id)?.push(settlement);
                // Errors of a callback are ignored.
                snapshots.push(delivery.stats());
              });
              snapshots.push(delivery.stats());
              if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
            }
            // With everything on disk, a flush ends at the first failure.
            do await delivery.flush(FOREVER_MS);
            while (delivery.stats().spooled > 0);
            const stats = delivery.stats();
            await delivery.shutdown(FOREVER_MS);
            await server.close();
            if (dir !== undefined) await removeDirectory(dir);

            for (const snapshot of [...snapshots, stats]) expectBalance(snapshot);
            expect(stats).toMatchObject({
              accepted: arrivals.length,
              queued: 0,
              inFlight: 0,
              queuedBytes: 0,
              spooled: 0,
            });
            for (const [id, settled] of settlements)
              expect({ id, settled }).toEqual({ id, settled: [expect.anything()] });
            const isDelivered = (id: string) => settlements.get(id)?.[0]?.status === 'delivered';
            const delivered = [...settlements.keys()].filter(isDelivered);
            expect(idsOf(server.stored)).toEqual(expect.arrayContaining(delivered));
          },
        ),
        { numRuns, endOnFailure: true },
      );
    },
  );
});
