import { expect, test, vi } from 'vitest';
import { UserCallbacks } from '../../../src/delivery/accounting/user-callbacks.js';
import { toSequence } from '../../../src/delivery/model/queued-entry.js';
import type { DroppedEntry } from '../../../src/delivery/model/settings.js';
import { memoryEntry, spooledEntry, unsendableEntry } from '../../support/queued-entries.js';

const onDropMock = () => vi.fn<(drop: DroppedEntry) => void>();
const DROPPED = { status: 'dropped', reason: 'invalid' } as const;

test('the caller of an entry is told once: when it is spooled, or else when it is finished', () => {
  const callbacks = new UserCallbacks('shop', undefined);
  const onSettled = vi.fn<(settlement: unknown) => void>();
  callbacks.onSpooled(memoryEntry({ onSettled }));
  callbacks.onFinished(spooledEntry({ onSettled } as object), { status: 'delivered' });
  callbacks.onFinished(memoryEntry({ onSettled }), { status: 'delivered' });
  callbacks.onFinished(unsendableEntry({ onSettled }), DROPPED);
  expect(onSettled.mock.calls).toEqual([[{ status: 'spooled' }], [{ status: 'delivered' }], [DROPPED]]);
});

test('a drop is reported with destination, kind, reason and content, and a delivery is not', () => {
  const onDrop = onDropMock();
  const callbacks = new UserCallbacks('shop', onDrop);
  callbacks.onFinished(memoryEntry(), { status: 'delivered' });
  callbacks.onFinished(spooledEntry({ kind: 'event', json: '{}' }), DROPPED);
  expect(onDrop.mock.calls).toEqual([
    [{ destination: 'shop', kind: 'event', reason: 'invalid', json: '{}' }],
  ]);
});

test('each entry that is lost on disk is reported, without its content', () => {
  const onDrop = onDropMock();
  const loss = { kind: 'prompt', count: 3, reason: 'spool_full', sequence: toSequence(3) } as const;
  new UserCallbacks('shop', onDrop).onLost(loss);
  const report = { destination: 'shop', kind: 'prompt', reason: 'spool_full', json: undefined };
  expect(onDrop.mock.calls).toEqual([[report], [report], [report]]);
});

test('drops that onDrop itself causes are not reported, later ones are', () => {
  const onDrop = onDropMock();
  const callbacks = new UserCallbacks('shop', onDrop);
  onDrop.mockImplementationOnce(() => callbacks.onFinished(memoryEntry(), DROPPED));
  callbacks.onFinished(memoryEntry(), DROPPED);
  expect(onDrop).toHaveBeenCalledOnce();
  callbacks.onFinished(memoryEntry(), DROPPED);
  expect(onDrop).toHaveBeenCalledTimes(2);
});

test('callbacks that throw harm nobody', () => {
  const fail = (): never => {
    throw new Error('from the application');
  };
  const callbacks = new UserCallbacks('shop', fail);
  expect(() => callbacks.onFinished(memoryEntry({ onSettled: fail }), DROPPED)).not.toThrow();
  expect(() => callbacks.onSpooled(memoryEntry({ onSettled: fail }))).not.toThrow();
});

test('an onDrop that causes the next drop in a microtask does not stop the event loop', async () => {
  const onDrop = onDropMock();
  const callbacks = new UserCallbacks('shop', onDrop);
  const drop = (): void => callbacks.onFinished(memoryEntry(), DROPPED);
  onDrop.mockImplementation(() => void Promise.resolve().then(drop));
  drop();
  await new Promise((resolve) => void setTimeout(resolve, 0));
  expect(onDrop).toHaveBeenCalledTimes(1_000);
  onDrop.mockImplementation(() => undefined);
  drop();
  expect(onDrop).toHaveBeenCalledTimes(1_001);
});

test('without an onDrop, drops leave no timer', () => {
  const setTimer = vi.fn<() => number>();
  new UserCallbacks('shop', undefined, { setTimer }).onFinished(memoryEntry(), DROPPED);
  expect(setTimer).not.toHaveBeenCalled();
});
