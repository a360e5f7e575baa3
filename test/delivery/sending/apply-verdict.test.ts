import { expect, test, vi } from 'vitest';
import { DeliveryLog } from '../../../src/delivery/accounting/delivery-log.js';
import { SettlementCounts } from '../../../src/delivery/accounting/settlement-counts.js';
import { SettlementTracker } from '../../../src/delivery/accounting/settlement-tracker.js';
import { EntryQueue } from '../../../src/delivery/queue/entry-queues.js';
import { Breakers } from '../../../src/delivery/sending/backoff-breaker.js';
import { parseResponse } from '../../../src/delivery/sending/outcome.js';
import { applyVerdict, bisectBatch, classify, type Verdict } from '../../../src/delivery/sending/verdict.js';
import { ManualRuntime } from '../../support/manual-runtime.js';
import { memoryEntry } from '../../support/queued-entries.js';

/** Applies a verdict to a batch. Returns what became of its entries: batches in the queue, and settlements by index. */
async function apply(verdict: Verdict, { size = 4, isProbe = false } = {}) {
  const runtime = new ManualRuntime(0);
  const breakers = new Breakers(runtime);
  const counts = new SettlementCounts();
  const tracker = new SettlementTracker(counts);
  const log = new DeliveryLog({ name: 'shop' }, runtime, false);
  const lines = [vi.spyOn(log, 'onRetry'), vi.spyOn(log, 'onUnauthorized'), vi.spyOn(log, 'onRecovered')];
  const entries = Array.from({ length: size }, () => memoryEntry({ sequence: tracker.onAccepted(10) }));
  const settled: Record<number, string> = {};
  tracker.addListener({
    onFinished: ({ sequence }, settlement) => {
      settled[sequence - 1] = settlement.status === 'dropped' ? settlement.reason : settlement.status;
    },
  });
  if (isProbe) {
    breakers.onFailure('prompt', breakers.onStart('prompt'), { scope: 'destination' });
    await runtime.advance(1_000);
  }
  const probes = breakers.onStart('prompt');
  const queue = new EntryQueue('prompt', { maxItems: 100, maxBytes: 1_000 });
  const abort = new AbortController();
  applyVerdict({ queue, entries, probes, abort }, verdict, { breakers, counts, tracker, log });
  const returned: number[][] = [];
  for (let batch = queue.takeBatch(); batch.length > 0; batch = queue.takeBatch())
    returned.push(batch.map(({ sequence }) => sequence - 1));
  return { returned, settled, state: breakers.state, logged: lines.map(({ mock }) => mock.calls.length) };
}

const ALL = [[0, 1, 2, 3]];
const error = 'HTTP 500';

test('a failed batch is given back as it is, and the destination is not tried at once', async () => {
  const found = await apply({ action: 'retry', scope: 'destination', error });
  expect(found).toEqual({ returned: ALL, settled: {}, state: 'backing-off', logged: [1, 0, 0] });
});

test('a batch that we aborted is given back, and says nothing about the destination', async () => {
  const found = await apply({ action: 'give-back' });
  expect(found).toEqual({ returned: ALL, settled: {}, state: 'sending', logged: [0, 0, 0] });
  expect((await apply({ action: 'give-back' }, { isProbe: true })).state).toBe('backing-off');
});

test('a batch with refused credentials is given back', async () => {
  const found = await apply({ action: 'unauthorized', error });
  expect(found).toEqual({ returned: ALL, settled: {}, state: 'unauthorized', logged: [0, 1, 0] });
});

test('a batch is delivered but for the entries that the response rejects, and an outage is over', async () => {
  const found = await apply({ action: 'deliver', rejected: [1] }, { isProbe: true });
  expect(found).toEqual({
    returned: [],
    settled: { 0: 'delivered', 1: 'invalid', 2: 'delivered', 3: 'delivered' },
    state: 'sending',
    logged: [0, 0, 1],
  });
});

test.each<[Verdict, number[][], Record<number, string>]>([
  [
    { action: 'split', error },
    [
      [0, 1],
      [2, 3],
    ],
    {},
  ],
  [
    { action: 'bisect', error, rejected: [] },
    [
      [0, 1],
      [2, 3],
    ],
    {},
  ],
  [{ action: 'bisect', error, rejected: [0, 3] }, [[1, 2]], { 0: 'invalid', 3: 'invalid' }],
  [
    { action: 'drop', error, reason: 'redirect' },
    [],
    { 0: 'redirect', 1: 'redirect', 2: 'redirect', 3: 'redirect' },
  ],
])(
  'the verdict %j settles each entry once, and the destination answers',
  async (verdict, returned, settled) => {
    const found = await apply(verdict, { isProbe: true });
    expect(found).toEqual({ returned, settled, state: 'sending', logged: [0, 0, 0] });
  },
);

test('a single entry that is too large or refused is dropped', async () => {
  const tooLarge = await apply({ action: 'split', error }, { size: 1 });
  expect(tooLarge).toMatchObject({ returned: [], settled: { 0: 'too_large' } });
  const refused = await apply({ action: 'bisect', error, rejected: [] }, { size: 1 });
  expect(refused).toMatchObject({ returned: [], settled: { 0: 'invalid' } });
});

test('a delivery does not end an outage of its own kind that goes on', async () => {
  const runtime = new ManualRuntime(0);
  const breakers = new Breakers(runtime);
  const log = new DeliveryLog({ name: 'shop' }, runtime, false);
  const recovered = vi.spyOn(log, 'onRecovered');
  const counts = new SettlementCounts();
  const queue = new EntryQueue('prompt', { maxItems: 100, maxBytes: 1_000 });
  const probes = breakers.onStart('prompt');
  breakers.onFailure('event', breakers.onStart('event'), { scope: 'kind' });
  const batch = { queue, entries: [memoryEntry()], probes, abort: new AbortController() };
  const tracker = new SettlementTracker(counts);
  applyVerdict(batch, { action: 'deliver', rejected: [] }, { breakers, counts, tracker, log });
  expect(recovered).not.toHaveBeenCalled();
});

test('a batch of which all items are bad leaves nothing to retry', () => {
  expect(bisectBatch(['a', 'b'], [0, 1])).toEqual({ bad: ['a', 'b'], retry: [] });
  expect(bisectBatch(['a', 'b'], [2])).toEqual({ bad: [], retry: [['a'], ['b']] });
  expect(bisectBatch([], [])).toEqual({ bad: [], retry: [] });
});

test('a failure that names a time to wait is one of the whole destination', () => {
  const verdictOf = (status: number, retryAfter?: string) =>
    classify(
      parseResponse({ status, headers: new Headers(retryAfter ? { 'retry-after': retryAfter } : {}) }),
      0,
    );
  expect(verdictOf(500)).toMatchObject({ action: 'retry', scope: 'kind' });
  expect(verdictOf(500, '3')).toMatchObject({ action: 'retry', scope: 'destination', retryAfterMs: 3_000 });
  for (const status of [429, 503]) expect(verdictOf(status)).toMatchObject({ scope: 'destination' });
});
