import { expect, test, vi } from 'vitest';
import { SettlementCounts } from '../../../src/delivery/accounting/settlement-counts.js';
import { SettlementTracker } from '../../../src/delivery/accounting/settlement-tracker.js';
import type { MemoryEntry } from '../../../src/delivery/model/queued-entry.js';
import { DEFAULT_DELIVERY_SETTINGS, type DeliverySettings } from '../../../src/delivery/model/settings.js';
import type { TakenItem } from '../../../src/delivery/model/spool.js';
import { EntryBuffer } from '../../../src/delivery/queue/entry-buffer.js';
import { EntryQueues } from '../../../src/delivery/queue/entry-queues.js';
import { Fifo } from '../../../src/delivery/queue/fifo.js';
import { Withdrawals } from '../../../src/delivery/queue/withdrawals.js';
import { memoryEntry } from '../../support/queued-entries.js';

const LIMITS = { maxItems: 10, maxBytes: 1_000 };

function entryBuffer(settings: Partial<DeliverySettings> = {}, inFlight = 0) {
  const counts = new SettlementCounts();
  const tracker = new SettlementTracker(counts);
  const queues = new EntryQueues(LIMITS);
  const unwritten = new Fifo<MemoryEntry>();
  const schedule = vi.fn<() => void>();
  const dropped: unknown[] = [];
  tracker.addListener({
    onFinished: ({ sequence }, settlement) => void dropped.push([sequence, settlement]),
  });
  const buffer = new EntryBuffer({
    settings: { ...DEFAULT_DELIVERY_SETTINGS, flushAt: 3, concurrency: 2, ...settings },
    limits: LIMITS,
    queues,
    unwritten,
    withdrawals: new Withdrawals(),
    counts,
    tracker,
    sender: { schedule, inFlightCount: () => inFlight },
  });
  const accept = (): MemoryEntry => memoryEntry({ sequence: tracker.onAccepted(10) });
  return { buffer, queues, unwritten, schedule, dropped, accept, add: () => buffer.add(accept()) };
}

const overflow = (sequence: number) => [sequence, { status: 'dropped', reason: 'queue_overflow' }];

test('the first entry and a full batch change the time of the next request, and no other entry does', () => {
  const { add, schedule } = entryBuffer();
  const calls = Array.from({ length: 5 }, () => {
    add();
    return schedule.mock.calls.length;
  });
  expect(calls).toEqual([1, 1, 2, 2, 2]);
});

test('as many entries as allowed are kept, and the oldest is dropped for the next one', () => {
  const { add, dropped, queues } = entryBuffer({ maxQueueRecords: 2 });
  add();
  add();
  expect(dropped).toEqual([]);
  add();
  expect(dropped).toEqual([overflow(1)]);
  expect(queues.size).toBe(2);
});

test('as many bytes as allowed are kept, and the oldest entry is dropped for more', () => {
  const { add, dropped } = entryBuffer({ maxQueueBytes: 20 });
  add();
  add();
  expect(dropped).toEqual([]);
  add();
  expect(dropped).toEqual([overflow(1)]);
});

test('on overflow, entries that wait to be written are dropped after those that could not be written', () => {
  const { add, accept, buffer, unwritten, dropped } = entryBuffer({ maxQueueRecords: 2 });
  unwritten.push(accept());
  unwritten.push(accept());
  add();
  expect(dropped).toEqual([overflow(3)]);
  unwritten.push(accept());
  buffer.dropOverflow();
  expect(dropped).toEqual([overflow(3), overflow(1)]);
});

test('entries in flight count, but cannot be dropped', () => {
  const { accept, buffer, dropped } = entryBuffer({ maxQueueRecords: 1 });
  accept();
  accept();
  buffer.dropOverflow();
  expect(dropped).toEqual([]);
});

const item = (sequence: number): TakenItem => ({
  json: '{}',
  bytes: 2,
  acceptedAtMs: 5,
  sequence,
  handle: {},
});

test('loaded entries are queued as stored ones, with their number and time, and may be sent', () => {
  const { buffer, queues, schedule } = entryBuffer();
  buffer.addLoaded('event', [item(7), item(8)]);
  expect(schedule).toHaveBeenCalledOnce();
  expect(queues.of('event').takeBatch()).toEqual([
    { storage: 'spool', kind: 'event', ...item(7) },
    { storage: 'spool', kind: 'event', ...item(8) },
  ]);
});

test('there is room for twice the concurrent requests, less what is queued and in flight', () => {
  const { buffer } = entryBuffer({}, 1);
  expect(buffer.roomFor('prompt')).toEqual({ items: 30, bytes: 3_000 });
  buffer.addLoaded('prompt', [item(1), item(2)]);
  expect(buffer.roomFor('prompt')).toEqual({ items: 28, bytes: 2_996 });
  expect(buffer.roomFor('event')).toEqual({ items: 30, bytes: 3_000 });
});

test('there is room for a batch that is due, and for no more than the queue may hold', () => {
  expect(entryBuffer({ flushAt: 100 }).buffer.roomFor('prompt').items).toBe(100);
  const small = entryBuffer({ maxQueueRecords: 5, maxQueueBytes: 50 }).buffer;
  expect(small.roomFor('prompt')).toEqual({ items: 5, bytes: 50 });
});

test('a closed buffer returns what waits in memory, drops new entries and ignores loaded ones', () => {
  const { buffer, queues, unwritten, accept, dropped, schedule } = entryBuffer();
  const [queued, waiting, late] = [accept(), accept(), accept()];
  buffer.add(queued);
  unwritten.push(waiting);
  schedule.mockClear();
  expect(buffer.close()).toEqual([queued, waiting]);
  expect([queues.size, unwritten.size]).toEqual([0, 0]);
  buffer.add(late);
  buffer.addLoaded('prompt', [item(9)]);
  expect(dropped).toEqual([[3, { status: 'dropped', reason: 'shutdown_timeout' }]]);
  expect(queues.size).toBe(0);
  expect(schedule).not.toHaveBeenCalled();
});
