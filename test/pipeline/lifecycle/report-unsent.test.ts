import { afterEach, expect, test, vi } from 'vitest';
import type { DeliveryStats } from '../../../src/delivery/model/delivery-stats.js';
import { reportUnsentAtExit } from '../../../src/pipeline/lifecycle/report-unsent.js';

// All copies of the package in a process share one listener.
const onProcess = vi.spyOn(process, 'on');
const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
afterEach(() => void write.mockClear());

function exit(): void {
  const listener = onProcess.mock.calls.find(([event]) => event === 'exit')?.[1] as () => void;
  listener();
}

function waiting(...queued: readonly number[]) {
  return () => ({
    destinations: queued.map((count) => ({ queued: count, inFlight: 0 }) as DeliveryStats),
  });
}

test('at the exit one line says how many records are lost, each counted once, whatever one destination throws', () => {
  const stops = [
    reportUnsentAtExit(waiting(2, 1)),
    reportUnsentAtExit(() => {
      throw new Error('of a destination');
    }),
    reportUnsentAtExit(() => undefined),
    reportUnsentAtExit(waiting(3)),
  ];
  exit();
  expect(write.mock.calls.flat().join('')).toMatch(/^\(node:\d+\) TrubricsWarning: 5 records were not sent/);
  for (const stop of stops) stop();
  write.mockClear();
  exit();
  expect(write).not.toHaveBeenCalled();
});

test('a standard error stream that throws does not change how the process ends', () => {
  const stop = reportUnsentAtExit(waiting(1));
  write.mockImplementationOnce(() => {
    throw new Error('EPIPE');
  });
  expect(exit).not.toThrow();
  expect(write).toHaveBeenCalledOnce();
  stop();
});
