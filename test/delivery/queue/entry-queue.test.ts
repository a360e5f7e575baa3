import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchBytes } from '../../../src/delivery/queue/split-into-batches.js';
import { EntryQueue, type QueuedEntry } from '../../../src/delivery/queue/entry-queue.js';

const LIMITS = { maxItems: 5, maxBytes: 1_000 };

function entry(sequence: number, bytes: number, isStored: boolean): QueuedEntry {
  return {
    kind: 'prompt',
    json: '',
    bytes,
    sequence,
    acceptedAtMs: sequence,
    ...(isStored && { ticket: {} }),
  };
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
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove held' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const), ms: fc.nat({ max: 40 }) }) },
);

const bySequence = (a: QueuedEntry, b: QueuedEntry) => a.sequence - b.sequence;
const byFirst = ([a]: readonly QueuedEntry[], [b]: readonly QueuedEntry[]) => (a && b ? bySequence(a, b) : 0);
const isHeld = ({ ticket }: QueuedEntry) => ticket === undefined;

describe('Lane', () => {
  it('counts what waits, gives what has come back first and the oldest of it, and removes the oldest that is held', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const lane = new EntryQueue('prompt', LIMITS);
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
          lane.push(pushed);
          waiting.add(pushed);
        };
        const take = (): void => {
          const [back] = returned.filter(({ length }) => length > 0).toSorted(byFirst);
          const [oldest] = [...waiting].toSorted(bySequence);
          const batch = lane.takeBatch();
          expect(batch).toEqual(back ?? batch);
          expect(batch[0]).toBe(back ? back[0] : oldest);
          expect(back !== undefined || batch.length <= LIMITS.maxItems).toBe(true);
          expect(back !== undefined || batch.length <= 1 || batchBytes(batch) <= LIMITS.maxBytes).toBe(true);
          // One that is in memory alone is never among those that are stored as well.
          expect(new Set(batch.map(isHeld)).size).toBeLessThanOrEqual(1);
          for (const taken of batch) forget(taken);
          if (batch.length > 0) away.push(batch);
        };
        const giveBack = (which: number, inHalves: boolean): void => {
          const [batch = []] = away.splice(which % Math.max(away.length, 1), 1);
          const middle = inHalves ? Math.ceil(batch.length / 2) : batch.length;
          for (const part of [batch.slice(0, middle), batch.slice(middle)]) {
            lane.giveBack(part);
            returned.push(part);
            for (const one of part) waiting.add(one);
          }
        };
        const removeHeld = (): void => {
          const removed = lane.removeOldestHeld();
          expect(removed).toBe([...waiting].filter(isHeld).toSorted(bySequence)[0]);
          if (removed) forget(removed);
        };
        const expire = (beforeMs: number): void => {
          for (let gone; (gone = lane.removeOlderThan(beforeMs));) {
            expect(gone.acceptedAtMs).toBeLessThan(beforeMs);
            forget(gone);
          }
        };

        for (const step of steps) {
          if (step.do === 'push') push(step.bytes, step.isStored);
          else if (step.do === 'take') take();
          else if (step.do === 'give back') giveBack(step.which, step.inHalves);
          else if (step.do === 'remove held') removeHeld();
          else expire(step.ms);
          expect(lane.size).toBe(waiting.size);
          expect(lane.bytes).toBe([...waiting].reduce((sum, { bytes }) => sum + bytes, 0));
          expect(lane.oldest === undefined).toBe(waiting.size === 0);
          expect(lane.oldestHeld).toBe([...waiting].filter(isHeld).toSorted(bySequence)[0]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is full with so many entries, with so many bytes, or when a batch has come back', () => {
    const lane = new EntryQueue('prompt', LIMITS);
    lane.push(entry(1, 400, false));
    expect(lane.isFull(2)).toBe(false);
    lane.push(entry(2, 400, true));
    expect(lane.isFull(2)).toBe(true);
    expect(lane.isFull(3)).toBe(false);
    lane.push(entry(3, 200, false));
    expect(lane.isFull(100)).toBe(true);
    const batch = lane.takeBatch();
    expect(lane.isFull(100)).toBe(false);
    lane.giveBack(batch);
    expect(lane.isFull(100)).toBe(true);
  });

  it('sends no batch again that was too large, but does not send every entry alone for an odd 413', () => {
    const lane = new EntryQueue('prompt', { maxItems: 100, maxBytes: 900_000 });
    for (let sequence = 1; sequence <= 4; sequence++) lane.push(entry(sequence, 100, false));
    lane.giveBackSmaller(lane.takeBatch());
    expect([lane.takeBatch().length, lane.takeBatch().length]).toEqual([2, 2]);
    for (let sequence = 5; sequence <= 54; sequence++) lane.push(entry(sequence, 100, false));
    expect(lane.takeBatch()).toHaveLength(50);
  });
});
