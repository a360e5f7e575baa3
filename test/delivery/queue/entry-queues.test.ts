import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchBytes } from '../../../src/delivery/queue/split-into-batches.js';
import { type QueuedEntry, toSequence } from '../../../src/delivery/model/queued-entry.js';
import { EntryQueue, EntryQueues } from '../../../src/delivery/queue/entry-queues.js';
import { memoryEntry, spooledEntry } from '../../support/queued-entries.js';

const LIMITS = { maxItems: 5, maxBytes: 1_000 };

function entry(number: number, bytes: number, isStored: boolean): QueuedEntry {
  const fields = { kind: 'prompt', json: '', bytes, acceptedAtMs: number } as const;
  const sequence = toSequence(number);
  return isStored
    ? { storage: 'spool', ...fields, sequence, handle: {} }
    : { storage: 'memory', ...fields, sequence, onSettled: undefined };
}

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      bytes: fc.integer({ min: 1, max: 700 }),
      isStored: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('take' as const) }) },
  {
    weight: 2,
    // Batches come back in any order, whole or in halves.
    arbitrary: fc.record({
      do: fc.constant('give back' as const),
      which: fc.nat({ max: 20 }),
      inHalves: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove in memory' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const), ms: fc.nat({ max: 40 }) }) },
);

const bySequence = (a: QueuedEntry, b: QueuedEntry) => a.sequence - b.sequence;
const byFirst = ([a]: readonly QueuedEntry[], [b]: readonly QueuedEntry[]) => (a && b ? bySequence(a, b) : 0);
const isInMemoryOnly = ({ storage }: QueuedEntry) => storage === 'memory';

test('A queue behaves like its model: returned batches first, overflow from memory, expiry by age', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new EntryQueue('prompt', LIMITS);
      const waiting = new Set<QueuedEntry>();
      const away: (readonly QueuedEntry[])[] = [];
      const returned: (readonly QueuedEntry[])[] = [];
      let sequence = 0;
      const forget = (gone: QueuedEntry): void => {
        waiting.delete(gone);
        for (const [index, batch] of returned.entries())
          returned[index] = batch.filter((one) => one !== gone);
      };

      const push = (bytes: number, isStored: boolean): void => {
        const pushed = entry(++sequence, bytes, isStored);
        queue.push(pushed);
        waiting.add(pushed);
      };
      const take = (): void => {
        const [back] = returned.filter(({ length }) => length > 0).toSorted(byFirst);
        const [oldest] = [...waiting].toSorted(bySequence);
        const batch = queue.takeBatch();
        expect(batch).toEqual(back ?? batch);
        expect(batch[0]).toBe(back ? back[0] : oldest);
        expect(back !== undefined || batch.length <= LIMITS.maxItems).toBe(true);
        expect(back !== undefined || batch.length <= 1 || batchBytes(batch) <= LIMITS.maxBytes).toBe(true);
        // One that is in memory alone is never among those that are stored as well.
        expect(new Set(batch.map(isInMemoryOnly)).size).toBeLessThanOrEqual(1);
        for (const taken of batch) forget(taken);
        if (batch.length > 0) away.push(batch);
      };
      const giveBack = (which: number, inHalves: boolean): void => {
        const [batch = []] = away.splice(which % Math.max(away.length, 1), 1);
        const middle = inHalves ? Math.ceil(batch.length / 2) : batch.length;
        for (const part of [batch.slice(0, middle), batch.slice(middle)]) {
          queue.giveBack(part);
          returned.push(part);
          for (const one of part) waiting.add(one);
        }
      };
      const removeInMemoryOnly = (): void => {
        const removed = queue.removeOldestInMemoryOnly();
        expect(removed).toBe([...waiting].filter(isInMemoryOnly).toSorted(bySequence)[0]);
        if (removed) forget(removed);
      };
      const expire = (beforeMs: number): void => {
        for (const gone of queue.removeOlderThan(beforeMs)) {
          expect(gone.acceptedAtMs).toBeLessThan(beforeMs);
          forget(gone);
        }
      };

      for (const step of steps) {
        if (step.do === 'push') push(step.bytes, step.isStored);
        else if (step.do === 'take') take();
        else if (step.do === 'give back') giveBack(step.which, step.inHalves);
        else if (step.do === 'remove in memory') removeInMemoryOnly();
        else expire(step.ms);
        expect(queue.size).toBe(waiting.size);
        expect(queue.bytes).toBe([...waiting].reduce((sum, { bytes }) => sum + bytes, 0));
        expect(queue.oldest === undefined).toBe(waiting.size === 0);
        expect(queue.oldestInMemoryOnly).toBe([...waiting].filter(isInMemoryOnly).toSorted(bySequence)[0]);
      }
    }),
    { numRuns: 500 },
  );
});

test('A queue is full with enough entries, with enough bytes, or after a batch was given back', () => {
  const queue = new EntryQueue('prompt', LIMITS);
  queue.push(entry(1, 400, false));
  expect(queue.isFull(2)).toBe(false);
  queue.push(entry(2, 400, true));
  expect(queue.isFull(2)).toBe(true);
  expect(queue.isFull(3)).toBe(false);
  queue.push(entry(3, 200, false));
  expect(queue.isFull(100)).toBe(true);
  const batch = queue.takeBatch();
  expect(queue.isFull(100)).toBe(false);
  queue.giveBack(batch);
  expect(queue.isFull(100)).toBe(true);
});

test('A batch that was too large is split, but an odd 413 does not lead to one request per entry', () => {
  const queue = new EntryQueue('prompt', { maxItems: 100, maxBytes: 900_000 });
  for (let sequence = 1; sequence <= 4; sequence++) queue.push(entry(sequence, 100, false));
  queue.giveBackSmaller(queue.takeBatch());
  expect([queue.takeBatch().length, queue.takeBatch().length]).toEqual([2, 2]);
  for (let sequence = 5; sequence <= 54; sequence++) queue.push(entry(sequence, 100, false));
  expect(queue.takeBatch()).toHaveLength(50);
});

test('a limit that a 413 has lowered is not raised by a larger batch that was in flight', () => {
  const queue = new EntryQueue('prompt', { maxItems: 1_000, maxBytes: 900_000 });
  for (let sequence = 1; sequence <= 300; sequence++) queue.push(entry(sequence, 1_000, false));
  const [first, second] = [queue.takeBatch().slice(0, 40), entry(1_000, 200_000, false)];
  queue.giveBackSmaller(first);
  queue.giveBackSmaller([second, second]);
  while (queue.oldest && queue.isFull(Infinity)) queue.takeBatch();
  for (let sequence = 2_000; sequence <= 2_100; sequence++) queue.push(entry(sequence, 1_000, false));
  expect(batchBytes(queue.takeBatch())).toBeLessThan(21_000);
});

test('an entry that is exactly as old as allowed does not expire', () => {
  const queue = new EntryQueue('prompt', LIMITS);
  for (const time of [1, 2, 3]) queue.push(entry(time, 10, false));
  expect(queue.removeOlderThan(2).map(({ sequence }) => sequence)).toEqual([1]);
});

test('queues send in turn, and moving one to the end does not disturb who iterates', () => {
  const queues = new EntryQueues(LIMITS);
  const seen: string[] = [];
  for (const queue of queues) {
    seen.push(queue.kind);
    queues.putLast(queue);
  }
  expect(seen).toEqual(['prompt', 'event']);
  queues.putLast(queues.of('prompt'));
  expect([...queues].map(({ kind }) => kind)).toEqual(['event', 'prompt']);
});

test('of all kinds, the entry in memory that was accepted first is removed first', () => {
  const queues = new EntryQueues(LIMITS);
  const stored = spooledEntry();
  const entries = [memoryEntry({ kind: 'event' }), memoryEntry(), memoryEntry({ kind: 'event' })];
  for (const pushed of [stored, ...entries]) queues.of(pushed.kind).push(pushed);
  expect(queues.size).toBe(4);
  expect(queues.removeOldestInMemoryOnly()).toBe(entries[0]);
  expect(queues.removeAllInMemoryOnly()).toEqual(entries.slice(1));
  expect(queues.removeOldestInMemoryOnly()).toBeUndefined();
  expect(queues.of('prompt').oldest).toBe(stored);
});

test('a batch that was given back is sent first and does not wait, however small it is', () => {
  const queue = new EntryQueue('prompt', LIMITS);
  queue.push(entry(1, 10, false));
  queue.push(entry(2, 10, false));
  const batch = queue.takeBatch();
  queue.push(entry(3, 10, false));
  expect(queue.isFull(5)).toBe(false);
  queue.giveBack(batch);
  expect(queue.isFull(5)).toBe(true);
  expect(queue.oldest?.sequence).toBe(1);
});
