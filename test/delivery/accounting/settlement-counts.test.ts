import { expect, test } from 'vitest';
import { SettlementCounts } from '../../../src/delivery/accounting/settlement-counts.js';
import { memoryEntry, spooledEntry, unsendableEntry } from '../../support/queued-entries.js';

/** What can be read of counts, without the reasons that have none. */
function read(counts: SettlementCounts) {
  const { accepted, delivered, spooled, claimed, inMemoryBytes, inMemoryCount, unfinished } = counts;
  const dropped = Object.fromEntries(Object.entries(counts.dropped).filter(([, count]) => count > 0));
  return { accepted, delivered, spooled, claimed, inMemoryBytes, inMemoryCount, unfinished, dropped };
}

test('an entry is counted from acceptance over the spool to its delivery', () => {
  const counts = new SettlementCounts();
  counts.onAccepted(10);
  counts.onAccepted(10);
  expect(read(counts)).toMatchObject({ accepted: 2, inMemoryBytes: 20, inMemoryCount: 2, unfinished: 2 });
  counts.onSpooled(memoryEntry());
  expect(read(counts)).toMatchObject({ spooled: 1, inMemoryBytes: 10, inMemoryCount: 1, unfinished: 2 });
  counts.onFinished(spooledEntry(), { status: 'delivered' });
  counts.onFinished(memoryEntry(), { status: 'delivered' });
  expect(read(counts)).toEqual({
    accepted: 2,
    delivered: 2,
    spooled: 0,
    claimed: 0,
    inMemoryBytes: 0,
    inMemoryCount: 0,
    unfinished: 0,
    dropped: {},
  });
});

test('a drop is counted by its reason, wherever the entry was', () => {
  const counts = new SettlementCounts();
  for (let index = 0; index < 3; index += 1) counts.onAccepted(10);
  counts.onSpooled(memoryEntry());
  counts.onFinished(spooledEntry(), { status: 'dropped', reason: 'invalid' });
  counts.onFinished(memoryEntry(), { status: 'dropped', reason: 'expired' });
  counts.onFinished(unsendableEntry(), { status: 'dropped', reason: 'expired' });
  expect(read(counts)).toMatchObject({
    delivered: 0,
    spooled: 0,
    inMemoryBytes: 0,
    unfinished: 0,
    dropped: { invalid: 1, expired: 2 },
  });
});

test('claimed entries count as accepted and spooled, and as dropped when they are lost', () => {
  const counts = new SettlementCounts();
  counts.onClaimed(5);
  expect(read(counts)).toMatchObject({
    accepted: 5,
    claimed: 5,
    spooled: 5,
    inMemoryCount: 0,
    unfinished: 5,
  });
  counts.onLost('spool_full', 3);
  expect(read(counts)).toMatchObject({ claimed: 5, spooled: 2, unfinished: 2, dropped: { spool_full: 3 } });
});
