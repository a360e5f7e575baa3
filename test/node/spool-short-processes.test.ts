import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { Delivery } from '../../src/delivery/delivery.js';
import { fileSpool } from '../../src/node/index.js';
import { promptEntries, promptEntry } from '../support/entries.js';
import { type ScriptedDestination, scriptedDestination } from '../support/scripted-destination.js';
import { useFolder } from '../support/use-folder.js';

const SMALLEST = 1_000_000;

/** A process does not look for orphans by itself within the time of these tests. */
function openShort(dir: string, destination: ScriptedDestination, maxBytes?: number): Delivery {
  const spool = fileSpool({ dir, claimWithinMs: 600_000, ...(maxBytes !== undefined && { maxBytes }) });
  const delivery = createDelivery(destination, { spool });
  onTestFinished(() => delivery.shutdown(2_000));
  return delivery;
}

function bytesIn(dir: string): number {
  const names = existsSync(dir) ? (readdirSync(dir, { recursive: true }) as string[]) : [];
  let bytes = 0;
  for (const name of names) {
    const stats = lstatSync(join(dir, name), { throwIfNoEntry: false });
    if (stats?.isFile()) bytes += stats.size;
  }
  return bytes;
}

/** Writes the whole record, so that the size on disk is known. */
const whole = { encode: (entry: { readonly kind: string }) => JSON.stringify(entry) };

function large(id: string): ReturnType<typeof promptEntry> {
  return promptEntry(id, { prompt: 'x'.repeat(3_000) });
}

describe('short processes', () => {
  test.each(['flush', 'shutdown'] as const)(
    'send by %s what earlier ones left, although they do not live until the spool looks for itself',
    async (ending) => {
      const dir = await useFolder();
      let isDown = true;
      const destination = scriptedDestination(() => (isDown ? { status: 503 } : undefined));
      for (let run = 0; run < 5; run++) {
        const process = openShort(dir, destination);
        for (const entry of promptEntries(30, `run-${run}-`)) process.accept(entry);
        await process.shutdown();
        expect(process.stats()).toMatchObject({ spooled: 30, delivered: 0 });
      }
      isDown = false;
      const heir = openShort(dir, destination);
      heir.accept(promptEntry('own'));
      await heir[ending]();
      expect(new Set(destination.delivered).size).toBe(151);
      expect(heir.stats()).toMatchObject({ accepted: 151, delivered: 151, spooled: 0 });
      await heir.shutdown();
      expect(bytesIn(dir)).toBe(0);
    },
  );

  test('a flush with nothing of its own sends what earlier processes left', async () => {
    const dir = await useFolder();
    let isDown = true;
    const destination = scriptedDestination(() => (isDown ? { status: 503 } : undefined));
    const first = openShort(dir, destination);
    first.accept(promptEntry('left'));
    await first.shutdown();
    isDown = false;
    await openShort(dir, destination).flush();
    expect(destination.delivered).toEqual(['left']);
  });
});

describe('maxBytes holds for the directory, however many processes use it', () => {
  test('of processes one after the other, the oldest entries are dropped and counted', async () => {
    const dir = await useFolder();
    const destination = scriptedDestination(() => ({ status: 503 }), undefined, whole);
    let dropped = 0;
    for (let run = 0; run < 6; run++) {
      const process = openShort(dir, destination, SMALLEST);
      for (let index = 0; index < 200; index++) process.accept(large(`${run}-${index}`));
      await process.shutdown(10_000);
      const { spooled, dropped: reasons, accepted, spool } = process.stats();
      expect(bytesIn(dir)).toBeLessThanOrEqual(SMALLEST);
      expect(reasons.shutdown_timeout).toBe(0);
      expect(spooled + reasons.spool_full).toBe(accepted);
      expect(spool?.state).toBe('writing');
      dropped += reasons.spool_full;
    }
    expect(dropped).toBeGreaterThan(500);
    expect(bytesIn(dir)).toBeGreaterThan(SMALLEST / 2);
  });

  test('of processes at the same time, none exceeds it, and what does not fit stays in memory', async () => {
    const dir = await useFolder();
    const destination = scriptedDestination(() => ({ status: 503 }), undefined, whole);
    const running = Array.from({ length: 8 }, () => openShort(dir, destination, SMALLEST));
    for (let index = 0; index < 100; index++) {
      for (const [number, process] of running.entries()) process.accept(large(`${number}-${index}`));
      await new Promise((resolve) => setTimeout(resolve, 2));
      expect(bytesIn(dir)).toBeLessThanOrEqual(SMALLEST);
    }
    await Promise.all(running.map((process) => process.flush()));
    expect(bytesIn(dir)).toBeLessThanOrEqual(SMALLEST);
    expect(bytesIn(dir)).toBeGreaterThan(SMALLEST / 2);
    for (const process of running) {
      const { accepted, spooled, queued, inFlight, dropped } = process.stats();
      expect(spooled + queued + inFlight + dropped.spool_full).toBe(accepted);
    }
  });
});
