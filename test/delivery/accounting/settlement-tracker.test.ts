import { expect, test } from 'vitest';
import { SettlementCounts } from '../../../src/delivery/accounting/settlement-counts.js';
import {
  type SettlementListener,
  SettlementTracker,
} from '../../../src/delivery/accounting/settlement-tracker.js';
import { toSequence } from '../../../src/delivery/model/queued-entry.js';
import { memoryEntry } from '../../support/queued-entries.js';

/** A tracker with two listeners, and what they are told, with the counts at that moment. */
function tracked() {
  const counts = new SettlementCounts();
  const tracker = new SettlementTracker(counts);
  const told: unknown[][] = [];
  const listener = (name: string): SettlementListener => {
    const tell =
      (event: string) =>
      (...args: unknown[]): void =>
        void told.push([name, event, counts.accepted, counts.spooled, counts.unfinished, ...args]);
    return {
      onAccepted: tell('accepted'),
      onClaimed: tell('claimed'),
      onSpooled: tell('spooled'),
      onFinished: tell('finished'),
      onLost: tell('lost'),
    };
  };
  for (const name of ['first', 'second']) tracker.addListener(listener(name));
  // A listener need not listen to everything.
  tracker.addListener({});
  const both = (...rest: unknown[]): unknown[][] => [
    ['first', ...rest],
    ['second', ...rest],
  ];
  return { counts, tracker, told, both };
}

test('every listener is told of each change in the order of registration, after it was counted', () => {
  const { tracker, told, both } = tracked();
  const entry = memoryEntry();
  const loss = { kind: 'prompt', count: 2, reason: 'spool_full', sequence: toSequence(4) } as const;
  expect(tracker.onAccepted(10)).toBe(1);
  tracker.onSpooled(entry);
  expect(tracker.onClaimed(3, 30, '/spool/other')).toBe(4);
  tracker.onLost(loss);
  tracker.deliver(entry);
  tracker.drop(entry, 'invalid', 'HTTP 422');
  expect(told).toEqual([
    ...both('accepted', 1, 0, 1),
    ...both('spooled', 1, 1, 1, entry),
    ...both('claimed', 4, 4, 4, 3, 30, '/spool/other'),
    ...both('lost', 4, 2, 2, loss),
    ...both('finished', 4, 2, 1, entry, { status: 'delivered' }, undefined),
    ...both('finished', 4, 2, 0, entry, { status: 'dropped', reason: 'invalid' }, 'HTTP 422'),
  ]);
});
