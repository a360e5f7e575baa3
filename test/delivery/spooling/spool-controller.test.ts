import { expect, onTestFinished, test, vi } from 'vitest';
import { DeliveryLog } from '../../../src/delivery/accounting/delivery-log.js';
import { SettlementCounts } from '../../../src/delivery/accounting/settlement-counts.js';
import { SettlementTracker } from '../../../src/delivery/accounting/settlement-tracker.js';
import type { AnyEntry, MemoryEntry } from '../../../src/delivery/model/queued-entry.js';
import type { DropReason } from '../../../src/delivery/model/settlement.js';
import type { SpoolItem, SpoolStore, TakenItem } from '../../../src/delivery/model/spool.js';
import { Fifo } from '../../../src/delivery/queue/fifo.js';
import { Withdrawals } from '../../../src/delivery/queue/withdrawals.js';
import { SpoolLog } from '../../../src/delivery/spooling/spool-log.js';
import { SpoolController } from '../../../src/delivery/spooling/spool-controller.js';
import type { EntryKind } from '../../../src/destinations/destination.js';
import { ManualRuntime } from '../../support/manual-runtime.js';
import { memoryEntry, spooledEntry, unsendableEntry } from '../../support/queued-entries.js';

interface Append {
  readonly kind: EntryKind;
  readonly items: readonly SpoolItem[];
  readonly done: () => void;
  readonly fail: (error?: Error) => void;
}

const NO_ROOM = { items: 0, bytes: 0 };

/** A controller over a store whose writes end when the test says so. */
function spoolController() {
  const runtime = new ManualRuntime(0);
  const tracker = new SettlementTracker(new SettlementCounts());
  const log = new DeliveryLog({ name: 'shop' }, runtime, false);
  onTestFinished(() => void vi.restoreAllMocks());
  const logged = {
    failed: vi.spyOn(SpoolLog.prototype, 'onFailed'),
    recovered: vi.spyOn(SpoolLog.prototype, 'onRecovered'),
    ended: vi.spyOn(SpoolLog.prototype, 'onReplayEnd'),
  };
  const unwritten = new Fifo<MemoryEntry>();
  const withdrawals = new Withdrawals();
  const appends: Append[] = [];
  const waiting: Record<EntryKind, TakenItem[]> = { prompt: [], event: [] };
  const store = {
    maxAgeMs: 1_000,
    bytes: 5,
    append: (kind: EntryKind, items: readonly SpoolItem[]) =>
      new Promise<void>((resolve, reject) => {
        appends.push({ kind, items, done: resolve, fail: (error = new Error('disk full')) => reject(error) });
      }),
    waiting: (kind: EntryKind) => waiting[kind].length,
    take: vi.fn<SpoolStore['take']>(async (kind, maxItems) => waiting[kind].splice(0, maxItems)),
    finish: vi.fn<SpoolStore['finish']>(),
    deadLetter: vi.fn<SpoolStore['deadLetter']>(),
    erase: vi.fn<NonNullable<SpoolStore['erase']>>(() => Promise.resolve()),
    claimOrphans: vi.fn<NonNullable<SpoolStore['claimOrphans']>>(() => Promise.resolve(true)),
    close: vi.fn<SpoolStore['close']>(() => Promise.resolve()),
  } satisfies SpoolStore;
  const room = { items: 10, bytes: 100 };
  const inMemory: MemoryEntry[] = [];
  const loaded: TakenItem[][] = [];
  const target = {
    add: (entry: MemoryEntry) => void inMemory.push(entry),
    addLoaded: (_kind: EntryKind, items: readonly TakenItem[]) => {
      loaded.push([...items]);
      room.items -= items.length;
    },
    roomFor: () => room,
  };
  const spooled: MemoryEntry[] = [];
  const dropped: AnyEntry[] = [];
  tracker.addListener({
    onSpooled: (entry) => void spooled.push(entry),
    onFinished: (entry) => void dropped.push(entry),
  });
  const controller = new SpoolController({ store, unwritten, withdrawals, target, tracker, log, runtime });
  const accept = (fields: Partial<MemoryEntry> = {}, isWithdrawn?: () => boolean): MemoryEntry => {
    const entry = memoryEntry({ ...fields, sequence: tracker.onAccepted(10) });
    if (isWithdrawn) withdrawals.add(entry.sequence, () => (isWithdrawn() ? 'withdrawn' : 'open'));
    controller.write(entry);
    return entry;
  };
  return {
    runtime,
    logged,
    appends,
    waiting,
    store,
    room,
    inMemory,
    loaded,
    spooled,
    dropped,
    controller,
    accept,
  };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const stored = (sequence: number): TakenItem => ({
  json: '{}',
  bytes: 2,
  acceptedAtMs: 0,
  sequence,
  handle: {},
});

test('entries of one turn share a write, and those that come meanwhile the next one', async () => {
  const { appends, spooled, accept } = spoolController();
  const first = [accept(), accept()];
  expect(appends).toHaveLength(0);
  await settle();
  const later = [accept(), accept()];
  await settle();
  expect(appends.map(({ items }) => items.length)).toEqual([2]);
  expect(spooled).toEqual([]);
  appends[0]?.done();
  await settle();
  expect(spooled).toEqual(first);
  appends[1]?.done();
  await settle();
  expect(spooled).toEqual([...first, ...later]);
  expect(appends).toHaveLength(2);
});

test('kinds are written one after the other, without the function of the caller', async () => {
  const { appends, accept } = spoolController();
  accept({ kind: 'event', onSettled: () => undefined, acceptedAtMs: 7 });
  accept();
  await settle();
  expect(appends).toMatchObject([{ kind: 'prompt' }]);
  appends[0]?.done();
  await settle();
  expect(appends[1]).toMatchObject({ kind: 'event' });
  expect(appends[1]?.items).toEqual([{ json: '{"a":1234}', bytes: 10, acceptedAtMs: 7, sequence: 1 }]);
});

test('a write has at most a thousand entries', async () => {
  const { appends, accept } = spoolController();
  for (let index = 0; index < 1_001; index += 1) accept();
  await settle();
  appends[0]?.done();
  await settle();
  expect(appends.map(({ items }) => items.length)).toEqual([1_000, 1]);
});

test('entries are written when all up to their number are, those of a write in progress too', async () => {
  const { appends, controller, accept } = spoolController();
  const done: number[] = [];
  const wait = (upTo: number) => void controller.written(upTo).then(() => done.push(upTo));
  accept();
  await settle();
  accept();
  for (const upTo of [0, 1, 2]) wait(upTo);
  await settle();
  expect(done).toEqual([0]);
  appends[0]?.done();
  await settle();
  expect(done).toEqual([0, 1]);
  appends[1]?.done();
  await settle();
  expect(done).toEqual([0, 1, 2]);
});

test('entries stay in memory while the spool cannot be written, which is tried every five seconds', async () => {
  const { runtime, logged, appends, inMemory, spooled, controller, accept } = spoolController();
  const entries = [accept()];
  await settle();
  appends[0]?.fail();
  await settle();
  expect(controller.state).toBe('memory-only');
  await runtime.advance(4_999);
  entries.push(accept());
  await settle();
  expect(inMemory).toEqual(entries);
  expect(appends).toHaveLength(1);
  await runtime.advance(1);
  accept();
  await settle();
  appends[1]?.fail();
  await settle();
  expect(logged.failed).toHaveBeenCalledOnce();
  await runtime.advance(5_000);
  const last = accept();
  await settle();
  appends[2]?.done();
  await settle();
  expect(spooled).toEqual([last]);
  expect(controller.state).toBe('writing');
  expect(logged.recovered).toHaveBeenCalledOnce();
  accept();
  await settle();
  appends[3]?.done();
  await settle();
  expect(logged.recovered).toHaveBeenCalledOnce();
});

test('stored entries are loaded while there is room in number and bytes', async () => {
  const { waiting, store, room, loaded, controller } = spoolController();
  waiting.prompt.push(...[1, 2, 3].map(stored));
  room.items = 2;
  controller.refill();
  await settle();
  expect(loaded.map((items) => items.length)).toEqual([2]);
  expect(store.take).toHaveBeenCalledExactlyOnceWith('prompt', 2, 100);
  Object.assign(room, { items: 5, bytes: 0 });
  controller.refill();
  await settle();
  expect(store.take).toHaveBeenCalledOnce();
  room.bytes = 10;
  controller.refill();
  await settle();
  expect(loaded.map((items) => items.length)).toEqual([2, 1]);
  expect(controller.waiting).toBe(0);
});

test('one load of a kind runs at a time, and it ends if the store has nothing to give', async () => {
  const { waiting, store, loaded, controller } = spoolController();
  waiting.prompt.push(stored(1));
  store.take.mockImplementation(async () => []);
  controller.refill();
  controller.refill();
  await settle();
  expect(store.take).toHaveBeenCalledOnce();
  expect(loaded).toEqual([]);
  controller.refill();
  await settle();
  expect(store.take).toHaveBeenCalledTimes(2);
});

test('a write and a claim make room for what is stored', async () => {
  const { appends, waiting, loaded, controller, accept } = spoolController();
  accept();
  await settle();
  waiting.prompt.push(stored(1));
  appends[0]?.done();
  await settle();
  expect(loaded).toHaveLength(1);
  controller.onClaimed();
  // The store hands out claimed entries only after it has received their number.
  waiting.event.push(stored(2));
  await settle();
  expect(loaded).toHaveLength(2);
});

test('the end of a replay of claimed entries is logged', async () => {
  const { runtime, logged, waiting, room, controller } = spoolController();
  Object.assign(room, NO_ROOM);
  controller.onClaimed();
  waiting.prompt.push(stored(1));
  await settle();
  waiting.prompt.pop();
  await runtime.advance(30_000);
  expect(logged.ended).toHaveBeenCalledOnce();
});

test('a stopped spool loads nothing more, also what was being read', async () => {
  const { waiting, store, loaded, controller } = spoolController();
  waiting.prompt.push(stored(1));
  let give = (_items: TakenItem[]): void => undefined;
  store.take.mockImplementationOnce(() => new Promise((resolve) => (give = resolve)));
  controller.refill();
  controller.stop();
  give([stored(1)]);
  await settle();
  controller.refill();
  await settle();
  expect(loaded).toEqual([]);
  expect(store.take).toHaveBeenCalledOnce();
});

test('a spool closes its store when everything is written', async () => {
  const { appends, store, controller, accept } = spoolController();
  accept();
  await settle();
  accept();
  const closed = controller.close();
  appends[0]?.done();
  await settle();
  expect(store.close).not.toHaveBeenCalled();
  appends[1]?.done();
  await closed;
  expect(store.close).toHaveBeenCalledOnce();
});

test('a finished entry is released if it is stored', () => {
  const { store, controller } = spoolController();
  const entry = spooledEntry();
  controller.onFinished(memoryEntry(), { status: 'delivered' }, undefined);
  controller.onFinished(unsendableEntry(), { status: 'dropped', reason: 'unsupported' }, undefined);
  controller.onFinished(entry, { status: 'delivered' }, undefined);
  expect(store.finish).toHaveBeenCalledExactlyOnceWith(entry.handle);
});

test('what the destination refused is kept as a dead letter, and no other drop', () => {
  const { store, controller } = spoolController();
  const reasons: DropReason[] = [
    'invalid',
    'too_large',
    'http_error',
    'redirect',
    'expired',
    'queue_overflow',
  ];
  for (const reason of reasons)
    controller.onFinished(memoryEntry({ kind: 'event' }), { status: 'dropped', reason }, 'why');
  expect(store.deadLetter.mock.calls).toEqual(
    reasons.slice(0, 4).map((reason) => ['event', '{"a":1234}', reason, 'why']),
  );
  controller.onFinished(unsendableEntry(), { status: 'dropped', reason: 'too_large' }, undefined);
  expect(store.deadLetter).toHaveBeenCalledTimes(4);
});

const FULL = Object.assign(new Error('the spool is full'), { code: 'SPOOL_FULL' });

test('when there is no space for a write, as many of its first entries as fit are stored', async () => {
  const { appends, waiting, loaded, inMemory, spooled, controller, logged, accept } = spoolController();
  const entries = [accept(), accept(), accept(), accept()];
  await settle();
  // 4 do not fit, the first 2 do, the last 2 do not, the third does.
  appends[0]?.fail(FULL);
  await settle();
  waiting.prompt.push(stored(1));
  appends[1]?.done();
  await settle();
  // What is stored is loaded before more is written, so that it is not given up for that.
  expect(loaded).toHaveLength(1);
  appends[2]?.fail(FULL);
  await settle();
  appends[3]?.done();
  await settle();
  appends[4]?.fail(FULL);
  await settle();
  expect(appends.map(({ items }) => items.length)).toEqual([4, 2, 2, 1, 1]);
  expect(spooled).toEqual(entries.slice(0, 3));
  expect(inMemory).toEqual(entries.slice(3));
  expect(controller.state).toBe('memory-only');
  expect(logged.failed).toHaveBeenCalledExactlyOnceWith('SPOOL_FULL');
});

test('when not even the first half fits, all entries stay in memory', async () => {
  const { appends, inMemory, accept } = spoolController();
  const entries = [accept(), accept(), accept()];
  await settle();
  for (let write = 0; write < 3; write += 1) {
    appends[write]?.fail(FULL);
    await settle();
  }
  expect(appends.map(({ items }) => items.length)).toEqual([3, 2, 1]);
  expect(inMemory.toSorted((a, b) => a.sequence - b.sequence)).toEqual(entries);
});

test('after an error that is no lack of space a write is not tried in parts', async () => {
  const { appends, inMemory, accept } = spoolController();
  const entries = [accept(), accept()];
  await settle();
  appends[0]?.fail();
  await settle();
  expect(appends).toHaveLength(1);
  expect(inMemory).toEqual(entries);
});

test('entries that are withdrawn before a write are dropped instead of written', async () => {
  const { appends, dropped, spooled, accept } = spoolController();
  const withdrawn = accept({}, () => true);
  const kept = accept({}, () => false);
  await settle();
  appends[0]?.done();
  await settle();
  expect(appends.map(({ items }) => items.map(({ sequence }) => sequence))).toEqual([[kept.sequence]]);
  expect(dropped).toEqual([withdrawn]);
  expect(spooled).toEqual([kept]);
});

test('entries that are withdrawn during a write are erased after it, and a flush waits for that', async () => {
  const { appends, store, controller, accept } = spoolController();
  let isWithdrawn = false;
  const withdrawn = accept({}, () => isWithdrawn);
  accept({}, () => false);
  await settle();
  isWithdrawn = true;
  let finish = (): void => undefined;
  store.erase.mockImplementationOnce(() => new Promise((resolve) => (finish = resolve)));
  appends[0]?.done();
  await settle();
  expect(store.erase).toHaveBeenCalledExactlyOnceWith(new Set([withdrawn.sequence]));
  let isWritten = false;
  void controller.written(withdrawn.sequence).then(() => (isWritten = true));
  await settle();
  expect(isWritten).toBe(false);
  finish();
  await settle();
  expect(isWritten).toBe(true);
});

test('nothing is erased when nothing was withdrawn, and orphans are claimed by the store', async () => {
  const { appends, store, controller, accept } = spoolController();
  accept({}, () => false);
  await settle();
  appends[0]?.done();
  await settle();
  expect(store.erase).not.toHaveBeenCalled();
  expect(await controller.claimOrphans()).toBe(true);
  store.claimOrphans.mockResolvedValueOnce(false);
  expect(await controller.claimOrphans()).toBe(false);
});
