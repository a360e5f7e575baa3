import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { SpoolEvents, SpoolItem } from '../../../src/delivery/model/spool.js';
import { FileStore, type FileStoreSettings } from '../../../src/node/spool/file-store.js';
import { LeftoverNotice } from '../../../src/node/spool/leftover-notice.js';
import type * as orphansModule from '../../../src/node/spool/orphans.js';
import { ownerState } from '../../../src/node/spool/owner.js';
import { eventually } from '../../support/eventually.js';
import { ManualRuntime } from '../../support/manual-runtime.js';
import { useFolder } from '../../support/use-folder.js';

const orphans = vi.hoisted(() => ({
  touched: [] as string[],
  isTakenByAnother: false,
  held: undefined as Promise<void> | undefined,
  claims: 0,
}));

vi.mock('../../../src/node/spool/orphans.js', async (importOriginal) => {
  const original = await importOriginal<typeof orphansModule>();
  return {
    ...original,
    touchDirectory: (directory: string) => {
      orphans.touched.push(directory);
      return original.touchDirectory(directory);
    },
    claim: async (...args: Parameters<typeof original.claim>) => {
      orphans.claims += 1;
      await orphans.held;
      return orphans.isTakenByAnother ? undefined : original.claim(...args);
    },
  };
});

const HOUR_MS = 3_600_000;
/** The number that claimed entries get. */
const CLAIMED = 7;

let dir: string;
beforeEach(async () => {
  dir = await useFolder();
  orphans.touched.length = 0;
  orphans.isTakenByAnother = false;
  orphans.held = undefined;
  orphans.claims = 0;
});

interface Setup extends Partial<FileStoreSettings> {
  readonly name?: string;
  readonly claimFrom?: readonly string[];
  readonly runtime?: ManualRuntime;
}

/** A store that looks for orphans only when it is told to, or when an hour of its clock has passed. */
function useStore({ name = 'shop', claimFrom = [], runtime = new ManualRuntime(), ...settings }: Setup = {}) {
  const events = {
    claimed: vi.fn<SpoolEvents['claimed']>(() => CLAIMED),
    lost: vi.fn<SpoolEvents['lost']>(),
  };
  const onClosed = vi.fn<() => void>();
  const all = { maxBytes: 50_000_000, maxAgeMs: 48 * HOUR_MS, claimWithinMs: HOUR_MS, ...settings };
  const store = new FileStore({ dir, name, claimFrom }, all, events, runtime, onClosed);
  onTestFinished(() => store.close());
  return { store, runtime, onClosed, ...events };
}

let lastSequence = 100;

function items(count: number, bytes = 100, acceptedAtMs = Date.UTC(2026, 10, 22, 10)): SpoolItem[] {
  const json = `"${'x'.repeat(bytes - 2)}"`;
  return Array.from({ length: count }, () => ({ json, bytes, acceptedAtMs, sequence: ++lastSequence }));
}

/** Leaves entries of a process that has ended. Returns the name of its directory. */
async function leave(setup: Setup, count: number, bytes = 100): Promise<string> {
  const { store } = useStore(setup);
  for (const item of items(count, bytes)) await store.append('prompt', [item]);
  const before = await readdir(join(dir, setup.name ?? 'shop'));
  await store.close();
  const after = await readdir(join(dir, setup.name ?? 'shop'));
  return after.find((entry) => !before.includes(entry)) ?? '';
}

test('a store that has nothing left leaves no file, no timer, and says that it is closed', async () => {
  const { store, runtime, onClosed } = useStore();
  await store.append('prompt', items(2));
  const promptBytes = store.bytes;
  expect(promptBytes).toBeGreaterThan(200);
  await store.append('event', items(1));
  expect(store.bytes).toBeGreaterThan(promptBytes + 100);
  expect(store.waiting('prompt')).toBe(2);
  expect(store.waiting('event')).toBe(1);
  for (const kind of ['prompt', 'event'] as const)
    for (const { handle } of await store.take(kind, 10, 1_000)) store.finish(handle);
  expect(onClosed).not.toHaveBeenCalled();
  const [directory = ''] = await readdir(join(dir, 'shop'));
  expect(ownerState(directory)).toBe('own');
  await store.close();
  expect(ownerState(directory)).toBe('running');
  expect(await readdir(join(dir, 'shop'))).toEqual([]);
  expect(onClosed).toHaveBeenCalledOnce();
  expect(runtime.timers).toBe(0);
  expect(store.bytes).toBe(0);
});

test('what a closed store left is an orphan at once, which another one claims once and sends first', async () => {
  const orphan = await leave({}, 3);
  expect(ownerState(orphan)).toBe('dead');
  const { store, claimed } = useStore();
  await store.append('prompt', items(1));
  expect(await store.claimOrphans()).toBe(true);
  expect(claimed).toHaveBeenCalledExactlyOnceWith(3, expect.any(Number), undefined);
  expect(claimed.mock.calls[0]?.[1]).toBeGreaterThan(300);
  expect(await store.claimOrphans()).toBe(false);
  const taken = await store.take('prompt', 10, 100_000);
  expect(taken.map(({ sequence }) => sequence)).toEqual([CLAIMED, CLAIMED, CLAIMED, lastSequence]);
  for (const { handle } of taken) store.finish(handle);
  await store.close();
  expect(await readdir(join(dir, 'shop'))).toEqual([]);
});

test('a claimed directory that is not sent wholly is an orphan again after the end', async () => {
  await leave({}, 3);
  const second = useStore();
  await second.store.claimOrphans();
  const [first] = await second.store.take('prompt', 1, 100_000);
  second.store.finish(first?.handle ?? {});
  await second.store.close();
  const third = useStore();
  expect(await third.store.claimOrphans()).toBe(true);
  expect(third.claimed).toHaveBeenCalledExactlyOnceWith(2, expect.any(Number), undefined);
});

test('a claim from another account tells its directory, and one that is not allowed is not made', async () => {
  await leave({ name: 'other' }, 1);
  expect(await useStore().store.claimOrphans()).toBe(false);
  const { store, claimed } = useStore({ claimFrom: ['other'] });
  expect(await store.claimOrphans()).toBe(true);
  expect(claimed).toHaveBeenCalledExactlyOnceWith(1, expect.any(Number), join(dir, 'other'));
});

test('one claim takes some megabytes, and the next one goes on', async () => {
  for (let orphan = 0; orphan < 3; orphan += 1) await leave({}, 3, 900_000);
  const { store, claimed } = useStore();
  expect(await store.claimOrphans()).toBe(true);
  expect(claimed).toHaveBeenCalledTimes(2);
  expect(await store.claimOrphans()).toBe(true);
  expect(claimed).toHaveBeenCalledTimes(3);
  expect(store.waiting('prompt')).toBe(9);
});

test('a full spool gives up its oldest file of any kind, and keeps what came last', async () => {
  const { store, lost } = useStore({ maxBytes: 80_000 });
  const old = items(2, 6_000, Date.UTC(2026, 0, 1));
  for (const item of old) await store.append('event', [item]);
  await store.append('event', items(1, 6_000));
  for (const item of items(8, 6_000)) await store.append('prompt', [item]);
  expect(lost).not.toHaveBeenCalled();
  for (const item of items(3, 6_000)) await store.append('prompt', [item]);
  expect(lost.mock.calls[0]).toEqual(['event', 2, 'spool_full', old[1]?.sequence]);
  for (const item of items(20, 6_000)) await store.append('prompt', [item]);
  expect(store.bytes).toBeLessThan(80_000);
  expect(lost.mock.calls.every(([, , reason]) => reason === 'spool_full')).toBe(true);
  const waiting = store.waiting('prompt') + store.waiting('event');
  expect(lost.mock.calls.reduce((sum, [, count]) => sum + count, waiting)).toBe(34);
  const taken = await store.take('prompt', 100, 1_000_000);
  expect(taken.at(-1)?.sequence).toBe(lastSequence);
});

test('a spool whose entries are all being sent refuses further ones, and takes them when there is room', async () => {
  const { store, lost } = useStore({ maxBytes: 80_000 });
  const handles: object[] = [];
  const fill = async (): Promise<void> => {
    for (let index = 0; index < 30; index += 1) {
      await store.append('prompt', items(1, 6_000));
      for (const { handle } of await store.take('prompt', 1, 100_000)) handles.push(handle);
    }
  };
  await expect(fill()).rejects.toMatchObject({ code: 'SPOOL_FULL' });
  expect(handles.length).toBeGreaterThan(10);
  for (const handle of handles) store.finish(handle);
  await eventually(() => expect(store.bytes).toBeLessThan(15_000));
  // What is reserved for a write that is refused is given back.
  await expect(store.append('prompt', items(14, 6_000))).rejects.toMatchObject({ code: 'SPOOL_FULL' });
  const [directory = ''] = await readdir(join(dir, 'shop'));
  const reserved = await readFile(join(dir, 'shop', directory, 'reserved'), 'utf8');
  expect(Number(reserved)).toBeLessThanOrEqual(store.bytes + 5_000);
  await store.append('prompt', items(1, 6_000));
  expect(lost).not.toHaveBeenCalled();
});

test('a write that is larger than the whole spool is refused', async () => {
  const { store } = useStore({ maxBytes: 80_000 });
  await expect(store.append('prompt', items(14, 6_000))).rejects.toMatchObject({ code: 'SPOOL_FULL' });
  expect(store.bytes).toBe(0);
  await store.append('prompt', items(12, 6_000));
});

test('a full spool gives up what ended processes left before its own entries', async () => {
  await leave({}, 8, 6_000);
  const { store, lost, claimed } = useStore({ maxBytes: 80_000 });
  for (const item of items(10, 6_000)) await store.append('prompt', [item]);
  expect(claimed).toHaveBeenCalledExactlyOnceWith(8, expect.any(Number), undefined);
  expect(lost.mock.calls.length).toBeGreaterThan(0);
  expect(lost.mock.calls.every(([, , , sequence]) => sequence === CLAIMED)).toBe(true);
});

test('a store whose directory was taken or deleted writes to a new one, and counts what is gone', async () => {
  const { store, lost } = useStore();
  await store.append('prompt', items(2));
  await store.append('event', items(1));
  const [directory = ''] = await readdir(join(dir, 'shop'));
  await rename(join(dir, 'shop', directory), join(dir, 'taken'));
  expect(ownerState(directory)).toBe('own');
  const [item] = items(1);
  if (item) await store.append('prompt', [item]);
  expect(lost.mock.calls.map(([kind, count, reason]) => [kind, count, reason])).toEqual([
    ['prompt', 2, 'spool_lost'],
    ['event', 1, 'spool_lost'],
  ]);
  expect(ownerState(directory)).not.toBe('own');
  expect(await readdir(join(dir, 'shop'))).toHaveLength(1);
  expect(await readdir(join(dir, 'shop'))).not.toContain(directory);
  expect(await store.take('prompt', 10, 1_000)).toMatchObject([{ sequence: item?.sequence }]);
});

test('an error other than a missing directory is passed on', async () => {
  const { store, lost } = useStore();
  await store.append('prompt', items(1));
  const file = await open(join(dir, 'other'), 'w');
  const appendFile = vi.spyOn(Object.getPrototypeOf(file) as FileHandle, 'appendFile');
  onTestFinished(() => appendFile.mockRestore());
  await file.close();
  appendFile.mockRejectedValueOnce(Object.assign(new Error('no'), { code: 'EIO' }));
  await expect(store.append('prompt', items(1))).rejects.toThrow('no');
  expect(lost).not.toHaveBeenCalled();
  expect(store.waiting('prompt')).toBe(1);
});

test('entries of both kinds are erased', async () => {
  const { store, lost } = useStore();
  const erased = [...items(1), ...items(1)];
  for (const [index, kind] of (['prompt', 'event'] as const).entries())
    await store.append(kind, [...erased.slice(index, index + 1), ...items(1)]);
  await store.erase(new Set(erased.map(({ sequence }) => sequence)));
  expect(lost.mock.calls).toEqual([
    ['prompt', 1, 'opted_out', erased[0]?.sequence],
    ['event', 1, 'opted_out', erased[1]?.sequence],
  ]);
  expect([store.waiting('prompt'), store.waiting('event')]).toEqual([1, 1]);
});

test('dead letters are written before the store is closed', async () => {
  const { store } = useStore();
  store.deadLetter('prompt', '{"a":1}', 'invalid', 'HTTP 422');
  await store.close();
  expect(await readFile(join(dir, 'shop', 'dead-letter.jsonl'), 'utf8')).toContain('HTTP 422');
});

test('a store looks for orphans after a part of the given time, then every quarter of a minute', async () => {
  const runtime = new ManualRuntime();
  runtime.nextRandom = 0.5;
  await leave({}, 1);
  const setTimer = vi.spyOn(runtime, 'setTimer');
  const { store, claimed } = useStore({ runtime, claimWithinMs: 20_000 });
  expect(setTimer).toHaveBeenCalledExactlyOnceWith(expect.any(Function), 10_000, false);
  await runtime.advance(9_999);
  expect(claimed).not.toHaveBeenCalled();
  await runtime.advance(1);
  await eventually(() => expect(claimed).toHaveBeenCalledOnce());
  await eventually(() => expect(runtime.timers).toBe(1));
  await leave({}, 1);
  await runtime.advance(14_999);
  expect(claimed).toHaveBeenCalledOnce();
  await runtime.advance(1);
  await eventually(() => expect(claimed).toHaveBeenCalledTimes(2));
  await eventually(() => expect(runtime.timers).toBe(1));
  expect(store.waiting('prompt')).toBe(2);
});

test('a store shows that it runs by the time of its directories, and those it claimed and sent are gone', async () => {
  await leave({}, 1);
  await leave({}, 1);
  const { store, runtime } = useStore({ claimWithinMs: 0 });
  await store.append('event', items(1));
  await store.claimOrphans();
  const root = join(dir, 'shop');
  const [sent] = await store.take('prompt', 1, 100_000);
  store.finish(sent?.handle ?? {});
  const names = await readdir(root);
  expect(names).toHaveLength(3);
  const old = new Date(Date.now() - HOUR_MS);
  await eventually(async () => {
    const contents = await Promise.all(names.map((name) => readdir(join(root, name))));
    expect(contents.filter((files) => files.length === 0)).toHaveLength(1);
  });
  for (const name of names) await utimes(join(root, name), old, old);
  await runtime.advance(0);
  await eventually(async () => {
    const left = await readdir(root);
    expect(left).toHaveLength(2);
    const stats = await Promise.all(left.map((name) => stat(join(root, name))));
    for (const { mtimeMs } of stats) expect(mtimeMs).toBeGreaterThan(old.getTime() + 60_000);
  });
  // The name of a directory that is gone is not this process's any more.
  const left = await readdir(root);
  const gone = names.filter((name) => !left.includes(name));
  await eventually(() => expect(gone.map(ownerState)).toEqual(['running']));
});

test('entries that are too old are given up at the next look', async () => {
  const runtime = new ManualRuntime();
  const { store, lost } = useStore({ runtime, claimWithinMs: 0, maxAgeMs: 60_000 });
  const [old] = items(1, 100, runtime.now());
  if (old) await store.append('prompt', [old]);
  await store.append('event', items(1, 100, runtime.now() + 30_000));
  await runtime.advance(0);
  await eventually(() => expect(runtime.timers).toBe(1));
  expect(lost).not.toHaveBeenCalled();
  for (let looks = 0; looks < 5; looks += 1) {
    await runtime.advance(15_000);
    await eventually(() => expect(runtime.timers).toBe(1));
  }
  expect(lost.mock.calls).toEqual([['prompt', 1, 'spool_expired', old?.sequence]]);
});

test('a limit that was lowered holds at the next look', async () => {
  await leave({}, 20, 50_000);
  const { store, runtime, lost } = useStore({ maxBytes: 400_000, claimWithinMs: 0 });
  await runtime.advance(0);
  await eventually(() => expect(runtime.timers).toBe(1));
  expect(store.bytes).toBeLessThan(400_000);
  expect(lost.mock.calls.every(([, , reason]) => reason === 'spool_full')).toBe(true);
});

test('a store that is closed while it looks for orphans waits for it, and claims nothing more', async () => {
  for (let orphan = 0; orphan < 5; orphan += 1) await leave({}, 1);
  const { store, runtime, claimed } = useStore({ claimWithinMs: 0 });
  await runtime.advance(0);
  await store.close();
  const { length } = claimed.mock.calls;
  expect(length).toBeLessThan(5);
  expect(runtime.timers).toBe(0);
  // What had not ended by now would show a moment later.
  await pause(100);
  const names = await readdir(join(dir, 'shop'));
  expect(names).toHaveLength(5);
  expect(names.map(ownerState)).toEqual(names.map(() => 'dead'));
  await rm(join(dir, 'shop'), { recursive: true });
  expect(claimed).toHaveBeenCalledTimes(length);
});

test.each(['looks', 'is asked'])(
  'a store that is closed while it %s for orphans waits for its claim',
  async (how) => {
    await leave({}, 1);
    const { store, runtime } = useStore({ claimWithinMs: 0 });
    let release: () => void = () => {};
    orphans.held = new Promise<void>((resolve) => (release = resolve));
    if (how === 'looks') await runtime.advance(0);
    else void store.claimOrphans();
    await eventually(() => expect(orphans.claims).toBe(1));
    let isClosed = false;
    const closed = store.close().then(() => (isClosed = true));
    await pause(50);
    expect(isClosed).toBe(false);
    release();
    await closed;
    const names = await readdir(join(dir, 'shop'));
    expect(names.map(ownerState)).toEqual(['dead']);
  },
);

test('an orphan that another process was faster to claim is not counted', async () => {
  await leave({}, 1);
  const { store, claimed } = useStore();
  orphans.isTakenByAnother = true;
  expect(await store.claimOrphans()).toBe(false);
  expect(claimed).not.toHaveBeenCalled();
});

test('an orphan without entries is removed', async () => {
  await mkdir(join(dir, 'shop', '0-deadbeef-00000000'), { recursive: true });
  const { store, claimed } = useStore();
  expect(await store.claimOrphans()).toBe(false);
  expect(claimed).not.toHaveBeenCalled();
  expect(await readdir(join(dir, 'shop'))).toEqual([]);
});

test('a claim that fails does not keep later ones from being made', async () => {
  await leave({}, 1);
  await leave({}, 1);
  const { store, claimed } = useStore();
  claimed.mockImplementationOnce(() => {
    throw new Error('no');
  });
  expect(await store.claimOrphans()).toBe(false);
  expect(await store.claimOrphans()).toBe(true);
});

test('claimed directories are touched until they are gone, and are orphans again after the end', async () => {
  await leave({}, 1);
  await leave({}, 1);
  const { store, runtime } = useStore({ claimWithinMs: 0 });
  await store.claimOrphans();
  const look = async (delayMs: number): Promise<number> => {
    orphans.touched.length = 0;
    await runtime.advance(delayMs);
    await eventually(() => expect(runtime.timers).toBe(1));
    return orphans.touched.length;
  };
  // Its own one, and two others.
  expect(await look(0)).toBe(3);
  const [sent] = await store.take('prompt', 1, 100_000);
  store.finish(sent?.handle ?? {});
  await eventually(async () => {
    const names = await readdir(join(dir, 'shop'));
    const contents = await Promise.all(names.map((name) => readdir(join(dir, 'shop', name))));
    expect(contents.filter((files) => files.length === 0)).toHaveLength(1);
  });
  expect(await look(15_000)).toBe(3);
  expect(await look(15_000)).toBe(2);
  await store.close();
  const left = await readdir(join(dir, 'shop'));
  expect(left.map(ownerState)).toEqual(['dead']);
});

test('a look gives back what is reserved and not needed, and looks for entries of other accounts', async () => {
  const look = vi.spyOn(LeftoverNotice.prototype, 'look');
  onTestFinished(() => look.mockRestore());
  const { store, runtime } = useStore({ maxBytes: 8_000_000, claimWithinMs: 0 });
  for (let index = 0; index < 30; index += 1) await store.append('prompt', items(1, 100_000));
  const [directory = ''] = await readdir(join(dir, 'shop'));
  const reserved = async (): Promise<number> =>
    Number(await readFile(join(dir, 'shop', directory, 'reserved'), 'utf8'));
  const before = await reserved();
  for (const { handle } of await store.take('prompt', 30, 10_000_000)) store.finish(handle);
  await eventually(() => expect(store.bytes).toBeLessThan(1_100_000));
  await runtime.advance(0);
  await eventually(() => expect(runtime.timers).toBe(1));
  expect(await reserved()).toBeLessThan(before - 1_000_000);
  expect(look).toHaveBeenCalledOnce();
});
