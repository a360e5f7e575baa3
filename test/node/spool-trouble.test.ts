import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi, onTestFinished } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { Delivery } from '../../src/delivery/delivery.js';
import type { DeliverySettings } from '../../src/delivery/model/settings.js';
import type { Settlement } from '../../src/delivery/model/settlement.js';
import type { Destination } from '../../src/destinations/destination.js';
import { fileSpool } from '../../src/node/index.js';
import { useDiag } from '../support/use-diag.js';
import { promptEntries, promptEntry } from '../support/entries.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { scriptedDestination } from '../support/scripted-destination.js';
import { canMountTmpfs, mountTmpfs } from '../support/tmpfs.js';
import { useFolder } from '../support/use-folder.js';
import { onlyDirectoryIn } from '../support/only-directory-in.js';
import { eventually } from '../support/eventually.js';

/** A directory in which nothing can be created, also by root. */
async function forbiddenDir(): Promise<string> {
  const mounted = mount('ro');
  if (mounted) return mounted;
  const dir = await useFolder();
  await chmod(dir, 0o500);
  return dir;
}

async function fileInPlaceOfDir(): Promise<string> {
  const file = join(await useFolder(), 'file');
  await writeFile(file, '');
  return file;
}

/** A file system of its own, so that it can be full. */
function mount(option: string): string | undefined {
  const tmpfs = mountTmpfs(option);
  if (tmpfs) onTestFinished(() => tmpfs.unmount());
  return tmpfs?.dir;
}

function open(
  destination: Destination,
  dir: string,
  settings: Partial<DeliverySettings> = {},
  runtime?: ManualRuntime,
): Delivery {
  const spool = fileSpool({ dir, claimWithinMs: 0, maxBytes: 1_000_000_000 });
  const delivery = createDelivery(destination, { spool, ...settings }, runtime);
  onTestFinished(() => delivery.shutdown(50));
  return delivery;
}

function large(id: string): ReturnType<typeof promptEntry> {
  return promptEntry(id, { prompt: 'x'.repeat(20_000) });
}

const jsonOfRecord: Partial<Destination> = {
  encode: (entry) => (entry.kind === 'prompt' ? JSON.stringify(entry.record) : undefined),
};

const CAN_MOUNT = canMountTmpfs();

describe('A spool in trouble', () => {
  test.runIf(CAN_MOUNT)(
    'a spool on a full disk keeps entries in memory, warns once, and goes on with space',
    async () => {
      const dir = mount('size=1m') ?? '';
      const lines = useDiag();
      const runtime = new ManualRuntime();
      let isDown = true;
      const destination = scriptedDestination(() => (isDown ? { status: 503 } : undefined), runtime.now, {
        ...jsonOfRecord,
      });
      const delivery = open(destination, dir, { flushIntervalMs: 1_000 }, runtime);
      const settlements: Settlement[] = [];
      for (let index = 0; index < 100; index++) {
        delivery.accept(large(`id-${index}`), (settlement) => settlements.push(settlement));
        await runtime.advance(10);
      }
      await eventually(() => {
        const { spooled, queued, inFlight, spool } = delivery.stats();
        expect(spooled + queued + inFlight).toBe(100);
        expect(settlements).toHaveLength(spooled);
        expect(spooled).toBeGreaterThan(20);
        expect(queued).toBeGreaterThan(20);
        expect(spool?.state).toBe('memory-only');
      });
      const warnings = lines.filter(({ text }) => text.includes('spool cannot be written'));
      expect(warnings.map(({ level, text }) => `${level} ${text}`)).toEqual([
        expect.stringMatching(/^warn .*\(ENOSPC\)/),
      ]);

      isDown = false;
      for (let round = 0; round < 50 && delivery.stats().delivered < 100; round++) {
        await runtime.advance(5_000);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect(delivery.stats()).toMatchObject({ accepted: 100, delivered: 100, spooled: 0, queued: 0 });
      await runtime.advance(10_000);
      const again = new Promise<Settlement>((resolve) => delivery.accept(large('again'), resolve));
      expect(await again).toEqual({ status: 'spooled' });
      await eventually(() =>
        expect(lines.some(({ text }) => text.includes('the spool can be written again'))).toBe(true),
      );
    },
  );

  test.each([
    ['a file stands where its directory should be', fileInPlaceOfDir],
    ['its directory may not be written', forbiddenDir],
  ])('a delivery with a spool delivers from memory when %s', async (_name, makePlace) => {
    const dir = await makePlace();
    const lines = useDiag();
    const destination = scriptedDestination();
    const delivery = open(destination, dir);
    for (const entry of promptEntries(250)) delivery.accept(entry);
    await delivery.flush();
    expect(destination.delivered).toHaveLength(250);
    expect(delivery.stats()).toMatchObject({ delivered: 250, spooled: 0, queued: 0 });
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  test('entries stay in memory, and none is dropped, while all of a full spool is in flight', async () => {
    const dir = await useFolder();
    const lines = useDiag();
    const destination = scriptedDestination(() => 'hang', undefined, jsonOfRecord);
    const spool = fileSpool({ dir, claimWithinMs: 0, maxBytes: 1_000_000 });
    const delivery = createDelivery(destination, { spool, flushAt: 1, shutdownTimeoutMs: 50 });
    onTestFinished(() => delivery.shutdown(50));
    for (let index = 0; index < 60; index++) delivery.accept(large(`id-${index}`));
    await eventually(() => {
      const { spooled, queued, inFlight, spool } = delivery.stats();
      expect(spooled + queued + inFlight).toBe(60);
      expect(spooled).toBeGreaterThan(20);
      expect(spool?.state).toBe('memory-only');
    });
    expect(lines.filter(({ level }) => level === 'warn').map(({ text }) => text)).toEqual([
      expect.stringContaining('cannot be written (SPOOL_FULL)'),
    ]);
  });

  test('a spool does not claim the directory of a live process', async () => {
    const dir = await useFolder();
    const runtime = new ManualRuntime();
    const down = scriptedDestination(() => ({ status: 503 }), runtime.now);
    const first = open(down, dir, {}, runtime);
    for (const entry of promptEntries(10)) first.accept(entry);
    await eventually(() => expect(first.stats().spooled).toBe(10));
    const second = open(scriptedDestination(), dir, {}, runtime);
    for (let minute = 0; minute < 10; minute++) {
      await runtime.advance(60_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(second.stats().accepted).toBe(0);
    expect((await readdir(await onlyDirectoryIn(dir))).length).toBe(1);
  });

  test.each([
    ['forward', 400 * 24 * 3_600_000],
    ['back', -400 * 24 * 3_600_000],
  ])('a spool works although the clock of the machine is set %s by a year', async (_name, jumpMs) => {
    const dir = await useFolder();
    let isDown = true;
    const destination = scriptedDestination(() => (isDown ? { status: 503 } : undefined));
    const delivery = open(destination, dir);
    for (const entry of promptEntries(10)) delivery.accept(entry);
    await eventually(() => expect(delivery.stats().spooled).toBe(10));
    const realNow = Date.now;
    vi.spyOn(Date, 'now').mockImplementation(() => realNow() + jumpMs);
    onTestFinished(() => void vi.restoreAllMocks());
    for (const entry of promptEntries(10, 'after-')) delivery.accept(entry);
    isDown = false;
    await delivery.flush();
    expect(delivery.stats()).toMatchObject({ delivered: 20, spooled: 0 });
  });
});

test('a spool keeps at most two megabytes of dead letters', async () => {
  const dir = await useFolder();
  const destination = scriptedDestination(() => ({ status: 404 }), undefined, jsonOfRecord);
  const delivery = open(destination, dir);
  for (let index = 0; index < 300; index++) {
    delivery.accept(large(`id-${index}`));
    if (index % 20 === 19) await delivery.flush();
  }
  await delivery.shutdown();
  expect(delivery.stats().dropped.http_error).toBe(300);
  const root = await onlyDirectoryIn(dir);
  expect((await readdir(root)).toSorted()).toEqual(['dead-letter.jsonl', 'dead-letter.jsonl.1']);
  for (const name of await readdir(root)) expect((await stat(join(root, name))).size).toBeLessThan(1_000_000);
  expect(await readFile(join(root, 'dead-letter.jsonl'), 'utf8')).toContain('id-299');
});

/** SPOOL_OUTAGE_RATE=1000 takes four minutes of a processor for which others wait; what it shows, fewer show too. */
const RATE = Number(process.env['SPOOL_OUTAGE_RATE'] ?? 40);
const STEP_S = 5;
const PADDING = 'x'.repeat(RATE > 100 ? 1 : 600);

test(
  `a spool takes an hour of ${RATE} records a second in bounded memory, and delivers all of it`,
  { timeout: 600_000 },
  async () => {
    const dir = await useFolder();
    const runtime = new ManualRuntime();
    let isDown = true;
    let delivered = 0;
    const destination: Destination = {
      name: 'hour',
      // Long enough for all of it not to go unnoticed in memory.
      encode: (entry) => JSON.stringify([entry.kind === 'prompt' && entry.record.id, PADDING]),
      async send({ items }) {
        if (isDown) return { status: 503 };
        delivered += items.length;
        return undefined;
      },
    };
    const spool = fileSpool({ dir, claimWithinMs: 0, maxBytes: 5_000_000_000 });
    const delivery = createDelivery(destination, { spool }, runtime);
    const heapBefore = heapUsed();
    let heapPeak = 0;
    for (let second = 0; second < 3_600; second += STEP_S) {
      for (let index = 0; index < RATE * STEP_S; index++) delivery.accept(promptEntry(`${second}-${index}`));
      await runtime.advance(STEP_S * 1_000);
      while (delivery.stats().queued > 0) await new Promise((resolve) => setImmediate(resolve));
      if (second % 300 === 0) heapPeak = Math.max(heapPeak, heapUsed() - heapBefore);
    }
    expect(delivery.stats()).toMatchObject({ accepted: 3_600 * RATE, spooled: 3_600 * RATE, delivered: 0 });
    isDown = false;
    while (delivery.stats().delivered < 3_600 * RATE) {
      await runtime.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(delivered).toBe(3_600 * RATE);
    expect(delivery.stats()).toMatchObject({ spooled: 0, queued: 0, inFlight: 0 });
    console.log(`${3_600 * RATE} records, heap grew by ${(heapPeak / 1e6).toFixed(1)} MB at most`);
    expect(heapPeak).toBeLessThan(50_000_000);
    await delivery.shutdown(1_000);
    expect(await readdir(await onlyDirectoryIn(dir))).toEqual([]);
  },
);

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
