import fc from 'fast-check';
import { expect, test } from 'vitest';
import { statistics } from '../../../src/server/engines/memory/statistics.js';
import { StatisticsCache } from '../../../src/server/engines/memory/statistics-cache.js';
import { MemoryStore, type NewRecord } from '../../../src/server/index.js';

const START = Date.UTC(2026, 0, 2);

function record(id: number, latency: number | undefined) {
  const timestamp = new Date(START + id * 1000).toISOString();
  return {
    kind: 'prompt' as const,
    id: String(id),
    userId: `user-${id % 3}`,
    prompt: 'p',
    generation: 'g',
    ...(id % 5 > 0 && { assistantId: `model-${id % 2}` }),
    ...(latency !== undefined && { latency }),
    timestamp,
    receivedAt: timestamp,
    tags: id % 2 === 0 ? ['even', 'all'] : ['all'],
    properties: { input_tokens: id },
  } satisfies NewRecord;
}

function allRows(store: MemoryStore): Uint32Array {
  return Uint32Array.from({ length: store.table.end - store.table.first }, (_, i) => store.table.first + i);
}

/** As the definition says it, with lists and sorting. */
function percentileOf(latencies: readonly number[], share: number): number | null {
  const sorted = latencies.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}

test('columns and radix sort give what lists and comparisons give', () => {
  const latency = fc.option(fc.oneof(fc.double({ min: 0, max: 5000, noNaN: true }), fc.constant(0)), {
    nil: undefined,
  });
  fc.assert(
    fc.property(fc.array(latency, { maxLength: 300 }), (latencies) => {
      const store = new MemoryStore({ maxRecords: 200 });
      store.add(latencies.map((value, id) => record(id, value)));
      const kept = Array.from(store.entries(), (entry) => entry.record);
      const measured = kept.flatMap((one) => (one.kind === 'prompt' ? (one.latency ?? []) : []));
      const sums = statistics(store.table, allRows(store), 20);
      expect(sums.prompts).toBe(kept.length);
      expect(sums.users).toBe(new Set(kept.map((one) => one.userId)).size);
      expect(sums.inputTokens).toBe(kept.reduce((sum, one) => sum + Number(one.id), 0));
      expect(sums.series.inputTokens.reduce((sum, value) => sum + value, 0)).toBe(sums.inputTokens);
      expect(sums.tags.find(({ name }) => name === 'all')?.count ?? 0).toBe(kept.length);
      for (const share of [0.5, 0.95] as const) {
        const expected = percentileOf(measured, share);
        const given = share === 0.5 ? sums.latency.p50 : sums.latency.p95;
        expect(given === null).toBe(expected === null);
        // Latencies that differ by less than 0.02 % count as equal.
        const toleranceS = (expected ?? 0) * 0.0002 + 1e-9;
        expect(Math.abs((given ?? 0) - (expected ?? 0))).toBeLessThanOrEqual(toleranceS);
      }
      const ofModel = kept.flatMap((one) =>
        one.kind === 'prompt' && one.assistantId === 'model-1' ? (one.latency ?? []) : [],
      );
      const model = sums.models.find(({ assistantId }) => assistantId === 'model-1');
      const expected = percentileOf(ofModel, 0.5) ?? 0;
      expect(Math.abs((model?.latency.p50 ?? 0) - expected)).toBeLessThanOrEqual(expected * 0.0002 + 1e-9);
    }),
    { numRuns: 200 },
  );
});

test('calls of a turn and the turn do not count their tokens twice', () => {
  const store = new MemoryStore();
  const { prompt: _prompt, generation: _generation, ...fields } = record(1, undefined);
  const properties = { turn_id: '100', input_tokens: 60 };
  store.add([record(100, 1), { ...fields, kind: 'event', event: 'LLM call', properties }]);
  expect(statistics(store.table, allRows(store), 20)).toMatchObject({
    prompts: 1,
    events: 1,
    inputTokens: 100,
  });
});

test('under load sums of many records come less often, but are never out of date', async () => {
  const store = new MemoryStore();
  store.add(Array.from({ length: 30_000 }, (_, id) => record(id, 1)));
  const cache = new StatisticsCache(store);
  const params = new URLSearchParams();
  expect((await cache.read(params, 60)).records).toBe(30_000);
  const asked = Array.from({ length: 20 }, (_, i) => {
    store.add([record(30_000 + i, 1)]);
    return cache.read(params, 60);
  });
  const answers = await Promise.all(asked);
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]?.records).toBe(30_020);
  await store.clear();
  expect((await cache.read(params, 60)).records).toBe(0);
});
