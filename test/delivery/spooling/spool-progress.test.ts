import { expect, test, vi } from 'vitest';
import { DeliveryLog } from '../../../src/delivery/accounting/delivery-log.js';
import type { SpoolStore } from '../../../src/delivery/model/spool.js';
import { SpoolLog } from '../../../src/delivery/spooling/spool-log.js';
import { SpoolProgress } from '../../../src/delivery/spooling/spool-progress.js';
import { ManualRuntime } from '../../support/manual-runtime.js';

const HALF_A_MINUTE = 30_000;

/** The progress of a spool in which `disk.prompt` and `disk.event` entries wait. */
function spoolProgress() {
  const runtime = new ManualRuntime(0);
  const setTimer = vi.spyOn(runtime, 'setTimer');
  const disk = { prompt: 0, event: 0 };
  const log = new SpoolLog(new DeliveryLog({ name: 'shop' }, runtime, false));
  const lines: unknown[][] = [];
  vi.spyOn(log, 'onReplayProgress').mockImplementation((...args) => void lines.push(['left', ...args]));
  vi.spyOn(log, 'onReplayEnd').mockImplementation((count) => void lines.push(['end', count]));
  const store = { bytes: 5, waiting: (kind: 'prompt' | 'event') => disk[kind] } as unknown as SpoolStore;
  return { runtime, setTimer, disk, lines, progress: new SpoolProgress(store, log, runtime) };
}

test('nothing is reported while nothing waits on disk', async () => {
  const { runtime, lines, progress } = spoolProgress();
  progress.watch();
  expect(runtime.timers).toBe(0);
  await runtime.advance(HALF_A_MINUTE);
  expect(lines).toEqual([]);
});

test('each half minute has a line with what is left, on disk and in memory, if there was progress', async () => {
  const { runtime, disk, lines, progress } = spoolProgress();
  Object.assign(disk, { prompt: 5, event: 3 });
  progress.watch();
  progress.watch();
  expect(runtime.timers).toBe(1);
  progress.onLoaded(2);
  disk.prompt = 3;
  progress.onFinished();
  await runtime.advance(HALF_A_MINUTE);
  expect(lines).toEqual([['left', 7, 5]]);
  await runtime.advance(HALF_A_MINUTE);
  expect(lines).toHaveLength(1);
  progress.onFinished();
  await runtime.advance(HALF_A_MINUTE);
  expect(lines).toEqual([
    ['left', 7, 5],
    ['left', 6, 5],
  ]);
});

test('the end is reported with the number of entries, once, if a line was written before', async () => {
  const { runtime, disk, lines, progress } = spoolProgress();
  disk.prompt = 2;
  progress.watch();
  disk.prompt = 0;
  progress.onLoaded(2);
  progress.onFinished();
  await runtime.advance(HALF_A_MINUTE);
  progress.onFinished();
  await runtime.advance(HALF_A_MINUTE);
  expect(lines).toEqual([
    ['left', 1, 5],
    ['end', 2],
  ]);
  expect(runtime.timers).toBe(0);
  disk.prompt = 1;
  progress.watch();
  disk.prompt = 0;
  await runtime.advance(HALF_A_MINUTE);
  expect(lines).toHaveLength(2);
});

test('a short replay is not reported, unless the entries were claimed', async () => {
  const { runtime, disk, lines, progress } = spoolProgress();
  disk.prompt = 1;
  progress.watch();
  disk.prompt = 0;
  await runtime.advance(HALF_A_MINUTE);
  expect(lines).toEqual([]);
  progress.onClaimed();
  disk.prompt = 1;
  progress.watch();
  disk.prompt = 0;
  await runtime.advance(HALF_A_MINUTE);
  expect(lines).toEqual([['end', 0]]);
});

test('a later replay counts its own entries', async () => {
  const { runtime, disk, lines, progress } = spoolProgress();
  for (const finished of [3, 1]) {
    disk.prompt = finished;
    progress.onClaimed();
    progress.watch();
    progress.onLoaded(finished);
    for (let index = 0; index < finished; index += 1) progress.onFinished();
    disk.prompt = 0;
    await runtime.advance(HALF_A_MINUTE);
  }
  expect(lines).toEqual([
    ['end', 3],
    ['end', 1],
  ]);
});

test('reports keep no process alive, and end with the delivery', async () => {
  const { runtime, setTimer, disk, progress } = spoolProgress();
  disk.prompt = 1;
  progress.watch();
  expect(setTimer).toHaveBeenCalledExactlyOnceWith(expect.any(Function), HALF_A_MINUTE, false);
  progress.stop();
  expect(runtime.timers).toBe(0);
  const stopped = spoolProgress();
  stopped.disk.prompt = 1;
  stopped.progress.stop();
  stopped.progress.watch();
  expect(stopped.runtime.timers).toBe(0);
});
