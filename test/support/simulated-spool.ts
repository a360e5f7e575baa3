import { SpoolController } from '../../src/delivery/spooling/spool-controller.js';
import type { EntryKind } from '../../src/destinations/destination.js';
import type { Spool, SpoolItem, SpoolHandle, TakenItem } from '../../src/delivery/model/spool.js';
import type { ManualRuntime } from './manual-runtime.js';

export interface SimulatedSpool extends Spool {
  /** Handles of the stored entries that are not finished. */
  readonly kept: ReadonlySet<SpoolHandle>;
}

/** Creates a spool in memory whose writes and reads take time, and whose writes may fail. */
export function simulateSpool(
  clock: ManualRuntime,
  nextWrite: () => { readonly takesMs: number; readonly fails: boolean } | undefined = () => undefined,
  readTakesMs = 0,
): SimulatedSpool {
  const kept = new Set<SpoolHandle>();
  const pass = (ms: number): Promise<void> =>
    ms === 0 ? Promise.resolve() : new Promise((resolve) => clock.setTimer(() => resolve(), ms, true));
  return {
    kept,
    Controller: SpoolController,
    open() {
      const waiting: Record<EntryKind, TakenItem[]> = { prompt: [], event: [] };
      return {
        maxAgeMs: Number.MAX_SAFE_INTEGER,
        get bytes() {
          return kept.size;
        },
        async append(kind, items: readonly SpoolItem[]) {
          const { takesMs, fails } = nextWrite() ?? { takesMs: 0, fails: false };
          await pass(takesMs);
          if (fails) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
          for (const item of items) {
            const handle = {};
            kept.add(handle);
            waiting[kind].push({ ...item, handle });
          }
        },
        waiting: (kind) => waiting[kind].length,
        async take(kind, maxItems) {
          await pass(readTakesMs);
          return waiting[kind].splice(0, maxItems);
        },
        finish: (handle) => void kept.delete(handle),
        deadLetter() {},
        close: async () => {},
      };
    },
  };
}
