import type { DeliveryRuntime } from './runtime.js';

/** Waits for somebody else's promise, but not beyond the timeout. Never rejects; keeps the process alive meanwhile. */
export async function withTimeout(
  timeoutMs: number,
  start: () => Promise<unknown> | undefined,
  runtime: DeliveryRuntime,
): Promise<void> {
  let timer: unknown;
  const timeout = new Promise<void>((resolve) => {
    timer = runtime.setTimer(resolve, Math.max(timeoutMs, 0), true);
  });
  await Promise.race([settled(start), timeout]);
  runtime.clearTimer(timer);
}

async function settled(start: () => Promise<unknown> | undefined): Promise<void> {
  try {
    await start();
  } catch {
    // It has ended, which is all that was asked.
  }
}
