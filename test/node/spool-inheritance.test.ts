import { cp, readdir, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { Delivery } from '../../src/delivery/delivery.js';
import type { DeliverySettings } from '../../src/delivery/model/settings.js';
import type { Destination } from '../../src/destinations/destination.js';
import { fileSpool, type FileSpoolOptions } from '../../src/node/index.js';
import { promptEntries, promptEntry } from '../support/entries.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { useFolder } from '../support/use-folder.js';
import { scriptedDestination } from '../support/scripted-destination.js';
import { eventually } from '../support/eventually.js';
import { directoryNameOf } from '../../src/node/spool/directory-name.js';

const ROUND_MS = 15_000;
const HOUR_MS = 3_600_000;

let dir: string;
/** The folder of the destination's directories. */
let root: string;
beforeEach(async () => {
  dir = await useFolder();
  root = join(dir, directoryNameOf({ name: 'scripted' }));
});

function open(
  destination: Destination,
  clock?: ManualRuntime,
  options: Partial<FileSpoolOptions> = {},
  settings: Partial<DeliverySettings> = {},
): Delivery {
  const spool = fileSpool({ dir, claimWithinMs: 0, ...options });
  const delivery = createDelivery(destination, { ...settings, spool }, clock);
  onTestFinished(async () => {
    const end = delivery.shutdown(100);
    await clock?.advance(100);
    await end;
  });
  return delivery;
}

/** Leaves so many entries behind, of which the first have been delivered, and returns the name of their directory. */
async function leave(count: number, delivered = 0): Promise<string> {
  const destination = scriptedDestination(
    (_, number) => (number * 10 <= delivered ? undefined : { status: 503 }),
    undefined,
    {
      limits: { maxItems: 10 },
    },
  );
  const spool = fileSpool({ dir, claimWithinMs: HOUR_MS });
  const delivery = createDelivery(destination, { spool, concurrency: 1 });
  for (const entry of promptEntries(count)) delivery.accept(entry);
  await delivery.flush(300);
  await delivery.shutdown();
  expect(delivery.stats()).toMatchObject({ delivered, spooled: count - delivered });
  const [name = ''] = await readdir(root);
  return name;
}

/** Lets rounds of looking for orphans pass, and the disk come after. */
async function goRounds(clock: ManualRuntime, count: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    await clock.advance(ROUND_MS);
    await pause(10);
  }
}

describe('What a process leaves in a spool', () => {
  test('an orphaned spool is claimed by one of all processes that look for it at once', async () => {
    await leave(200);
    const destinations = Array.from({ length: 5 }, () => scriptedDestination());
    const heirs = destinations.map((destination) => open(destination));
    await eventually(() => expect(heirs.map((heir) => heir.stats().accepted).filter(Boolean)).toEqual([200]));
    await Promise.all(heirs.map((heir) => heir.flush()));
    const delivered = destinations.flatMap((destination) => destination.delivered);
    expect(delivered).toHaveLength(200);
    expect(new Set(delivered).size).toBe(200);
  });

  test('a claimed spool is sent from where its process had stopped', async () => {
    await leave(100, 40);
    const destination = scriptedDestination();
    const heir = open(destination);
    await eventually(() => expect(heir.stats().accepted).toBe(60));
    await heir.flush();
    expect(destination.delivered.toSorted()).toEqual(
      promptEntries(100)
        .slice(40)
        .map((_, index) => `id-${index + 40}`)
        .toSorted(),
    );
  });

  test('the spool of another machine is claimed when its process shows no more life', async () => {
    const elsewhere = '1-deadbeef-00000000';
    await rename(join(root, await leave(10)), join(root, elsewhere));
    const clock = new ManualRuntime(Date.now());
    const heir = open(scriptedDestination(undefined, clock.now), clock);
    const signLife = async (): Promise<void> => {
      const now = new Date(clock.now());
      await utimes(join(root, elsewhere), now, now).catch(() => {});
    };
    for (let round = 0; round < 15; round++) {
      await signLife();
      await goRounds(clock, 1);
    }
    expect(heir.stats().accepted).toBe(0);
    await eventually(async () => {
      await goRounds(clock, 1);
      expect(heir.stats()).toMatchObject({ accepted: 10, delivered: 10 });
    });
  });

  test('the spool of another machine that has been silent for long is claimed at once', async () => {
    const elsewhere = join(root, '1-deadbeef-00000000');
    await rename(join(root, await leave(10)), elsewhere);
    const before = new Date(Date.now() - 11 * 60_000);
    await utimes(elsewhere, before, before);
    const heir = open(scriptedDestination());
    await eventually(() => expect(heir.stats().accepted).toBe(10));
    await heir.flush();
    expect(heir.stats()).toMatchObject({ delivered: 10 });
  });
});

describe('A process with a spool', () => {
  test('a process with a spool shows in each round that it lives', async () => {
    const clock = new ManualRuntime();
    const delivery = open(
      scriptedDestination(() => ({ status: 503 }), clock.now),
      clock,
    );
    delivery.accept(promptEntry('a'));
    await eventually(() => expect(delivery.stats().spooled).toBe(1));
    const [name = ''] = await readdir(root);
    const before = new Date(Date.now() - HOUR_MS);
    await utimes(join(root, name), before, before);
    await eventually(async () => {
      await goRounds(clock, 1);
      expect((await stat(join(root, name))).mtimeMs).toBeGreaterThan(Date.now() - 60_000);
    });
  });

  test('a spool removes entries that are too old, although they could not be sent', async () => {
    const clock = new ManualRuntime();
    // A request that hangs keeps the queue in memory from dropping entries itself, and from loading others in their place.
    const destination = scriptedDestination(() => 'hang', clock.now);
    const settings = { concurrency: 1, requestTimeoutMs: 24 * HOUR_MS };
    const delivery = open(destination, clock, { maxAgeMs: HOUR_MS }, settings);
    for (const entry of promptEntries(5_000)) delivery.accept(entry);
    await eventually(() =>
      expect(delivery.stats()).toMatchObject({ spooled: 5_000, spool: { waiting: 4_800 } }),
    );
    await goRounds(clock, 60);
    expect(delivery.stats()).toMatchObject({ spooled: 5_000 });
    await clock.advance(HOUR_MS);
    // The store looks for old entries after its disk has answered the last look, which is not in the time of the clock.
    await eventually(async () => {
      await clock.advance(ROUND_MS);
      expect(delivery.stats().spool?.waiting).toBe(0);
    });
    expect(delivery.stats()).toMatchObject({ spooled: 200, dropped: { spool_expired: 4_800, expired: 0 } });
  });

  test('a spool writes on although a copy stands in the place of its files', async () => {
    const destination = scriptedDestination();
    const delivery = open({ ...destination, send: async () => ({ status: 503 }) });
    delivery.accept(promptEntry('a'));
    await eventually(() => expect(delivery.stats().spooled).toBe(1));
    const [name = ''] = await readdir(root);
    await rename(join(root, name), join(root, 'moved'));
    await cp(join(root, 'moved'), join(root, name), { recursive: true });
    const settled = new Promise((resolve) => delivery.accept(promptEntry('b'), resolve));
    expect(await settled).toEqual({ status: 'spooled' });
    expect(delivery.stats().spool?.state).toBe('writing');
  });
});
