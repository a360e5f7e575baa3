import { expect, test, vi } from 'vitest';
import type { Delivery } from '../../src/delivery/delivery.js';
import type { Settlement } from '../../src/delivery/model/settlement.js';
import { DestinationFanOut, type OnSettled } from '../../src/pipeline/destination-fan-out.js';
import type { LifeCycle } from '../../src/pipeline/lifecycle/life-cycle.js';
import type { PromptRecord, TrackedEvent } from '../../src/records/model/prompt-record.js';

const RECORD = { id: 'a' } as PromptRecord;
const EVENT = { id: 'b' } as TrackedEvent;
const DELIVERED: Settlement = { status: 'delivered' };
const DROPPED: Settlement = { status: 'dropped', reason: 'invalid' };

/** A fan-out to so many deliveries, whose calls are kept and which settle when the test says so. */
function setUp(count: number) {
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const deliveries = Array.from({ length: count }, () => ({
    accept: vi.fn<Delivery['accept']>(),
    withdraw: vi.fn<Delivery['withdraw']>(),
    flush: vi.fn<Delivery['flush']>(() => finished),
    shutdown: vi.fn<Delivery['shutdown']>(() => finished),
    stats: () => ({}),
  }));
  const lifeCycle = { extendLifetime: vi.fn<() => void>(), end: vi.fn<() => void>() };
  const fanOut = new DestinationFanOut(
    deliveries as unknown as Delivery[],
    lifeCycle as unknown as LifeCycle,
  );
  const settle = (index: number, settlement: Settlement) =>
    deliveries[index]?.accept.mock.calls[0]?.[1]?.(settlement);
  return { fanOut, deliveries, lifeCycle, finish, settle };
}

test.each([
  ['delivered by all', [DELIVERED, DELIVERED, DELIVERED], false],
  ['dropped by the first', [DROPPED, DELIVERED, DELIVERED], true],
  ['dropped by the last', [DELIVERED, DELIVERED, DROPPED], true],
])(
  'a record that is %s is settled once, when the last destination has settled it',
  (_title, settlements, isLost) => {
    const { fanOut, settle, lifeCycle } = setUp(3);
    const onSettled = vi.fn<OnSettled>();
    fanOut.sendRecord(RECORD, { onSettled });
    expect(lifeCycle.extendLifetime).toHaveBeenCalledOnce();
    for (const [index, settlement] of settlements.entries()) {
      expect(onSettled).not.toHaveBeenCalled();
      settle(index, settlement);
    }
    expect(onSettled.mock.calls).toEqual([[isLost]]);
  },
);

test('every destination gets a record and an event with the check of their opt-out', () => {
  const { fanOut, deliveries } = setUp(2);
  const optOut = () => 'open' as const;
  fanOut.sendRecord(RECORD, { optOut });
  fanOut.sendEventIfKept({ kept: true, value: EVENT }, optOut);
  for (const { accept } of deliveries)
    expect(accept.mock.calls).toEqual([
      [{ kind: 'prompt', record: RECORD }, undefined, optOut],
      [{ kind: 'event', event: EVENT }, undefined, optOut],
    ]);
  expect(fanOut.stats()).toMatchObject({ records: 1, events: 1 });
});

test('what is not sent is counted by its reason, and settled; only a failed redaction is a loss', () => {
  const { fanOut } = setUp(1);
  const onSettled = vi.fn<OnSettled>();
  fanOut.skip('no_content', onSettled);
  fanOut.skip('no_content', onSettled);
  fanOut.countFiltered('redacted', onSettled);
  fanOut.countFiltered('redaction_failed', onSettled);
  fanOut.sendEventIfKept({ kept: false, reason: 'sampled_out' });
  const stats = fanOut.stats();
  expect(stats).toMatchObject({
    skipped: { no_content: 2, redacted: 1, sampled_out: 1 },
    records: 0,
    events: 0,
  });
  expect(stats.dropped).toEqual({ redaction_failed: 1 });
  expect(onSettled.mock.calls).toEqual([[false], [false], [false], [true]]);
  fanOut.skip('no_content');
  expect(stats.skipped.no_content).toBe(2);
});

test('a flush and a shutdown end when every delivery has ended, and opt-outs reach every delivery', async () => {
  const { fanOut, deliveries, lifeCycle, finish } = setUp(2);
  fanOut.withdraw();
  let ended = 0;
  const ends = [fanOut.flush(300), fanOut.shutdown()].map((end) => end.then(() => (ended += 1)));
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toBe(0);
  expect(lifeCycle.end).not.toHaveBeenCalled();
  finish();
  await Promise.all(ends);
  expect(lifeCycle.end).toHaveBeenCalledOnce();
  for (const { flush, shutdown, withdraw } of deliveries) {
    expect(flush.mock.calls).toEqual([[undefined, 300]]);
    expect(shutdown).toHaveBeenCalledOnce();
    expect(withdraw).toHaveBeenCalledOnce();
  }
});
