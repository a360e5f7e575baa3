import { describe, expect, test } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { Delivery } from '../../src/delivery/delivery.js';
import type { DroppedEntry } from '../../src/delivery/model/settings.js';
import { SpoolController } from '../../src/delivery/spooling/spool-controller.js';
import type { Spool, SpoolHandle, SpoolItem, TakenItem } from '../../src/delivery/model/spool.js';
import type { Destination, DestinationResponse, EntryKind } from '../../src/destinations/destination.js';
import { promptEntry } from '../support/entries.js';
import { ManualRuntime } from '../support/manual-runtime.js';

const DAY_MS = 24 * 3_600_000;
/** `DAY_SEEDS=50` takes some minutes. */
const SEEDS = Number(process.env['DAY_SEEDS'] ?? 2);

/** Deterministic numbers from 0 up to 1 (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What became of each entry at a server: how often it came, and how often the sender did not get the answer. */
class Service {
  readonly arrivals = new Map<string, number>();
  readonly lostAnswers = new Map<string, number>();
  isDown = false;
  readonly #random: () => number;
  readonly #clock: ManualRuntime;

  constructor(clock: ManualRuntime, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** A destination with a key of its own. `canRelease`: its requests go on after a flush has given them up. */
  destination(key: string, canRelease: boolean): Destination {
    return {
      name: 'day',
      accountId: key,
      encode: (entry) => JSON.stringify(entry.kind === 'prompt' ? entry.record.id : entry.event.id),
      send: ({ items }, { signal, onRelease }) => {
        if (canRelease) onRelease?.(() => true);
        return this.#answer(
          items.map((item) => `${key} ${JSON.parse(item) as string}`),
          signal,
        );
      },
    };
  }

  async #answer(ids: readonly string[], signal: AbortSignal): Promise<DestinationResponse> {
    // From 1 ms to 30 s, short ones more often.
    const latencyMs = Math.round(30_000 ** this.#random());
    const isRefused = this.isDown && this.#random() < 0.7;
    if (isRefused) {
      await this.#pass(Math.min(latencyMs, 2_000));
      if (this.#random() < 0.5) throw new TypeError('fetch failed');
      return { status: 503 };
    }
    for (const id of ids) add(this.arrivals, id);
    await this.#pass(latencyMs);
    const isLost = signal.aborted || this.isDown || this.#random() < 0.02;
    if (!isLost) return { status: 200 };
    for (const id of ids) add(this.lostAnswers, id);
    throw new TypeError('fetch failed');
  }

  #pass(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.setTimer(resolve, ms, true));
  }
}

function add(counts: Map<string, number>, id: string): void {
  counts.set(id, (counts.get(id) ?? 0) + 1);
}

/** A disk that survives its processes: the entries of each account, and who holds them. */
class Disk implements Spool {
  readonly Controller = SpoolController;
  readonly #entries = new Map<
    SpoolHandle,
    {
      readonly item: SpoolItem;
      readonly kind: EntryKind;
      readonly account: string;
      holder: object | undefined;
    }
  >();

  open(...[owner, events]: Parameters<Spool['open']>): ReturnType<Spool['open']> {
    const account = owner.accountId ?? '';
    const holder = {};
    const waiting: Record<EntryKind, TakenItem[]> = { prompt: [], event: [] };
    const entries = this.#entries;
    const claim = (): boolean => {
      const orphans = [...entries].filter(
        ([, entry]) => entry.account === account && entry.holder === undefined,
      );
      if (orphans.length === 0) return false;
      const sequence = events.claimed(orphans.length, 0);
      for (const [handle, entry] of orphans) {
        entry.holder = holder;
        waiting[entry.kind].push({ ...entry.item, sequence, handle });
      }
      return true;
    };
    return {
      maxAgeMs: Number.MAX_SAFE_INTEGER,
      get bytes() {
        return entries.size;
      },
      append: async (kind, items) => {
        for (const item of items) {
          const handle = {};
          entries.set(handle, { item, kind, account, holder });
          waiting[kind].push({ ...item, handle });
        }
        await Promise.resolve();
      },
      waiting: (kind) => waiting[kind].length,
      take: async (kind, maxItems) => Promise.resolve(waiting[kind].splice(0, maxItems)),
      finish: (handle) => void entries.delete(handle),
      claimOrphans: async () => Promise.resolve(claim()),
      deadLetter() {},
      close: async () => {
        for (const entry of entries.values()) if (entry.holder === holder) entry.holder = undefined;
        await Promise.resolve();
      },
    };
  }
}

interface Day {
  readonly seed: number;
  readonly spool: 'none' | 'own' | 'shared';
  readonly canRelease: boolean;
}

/** Lives a day, and returns what is wrong at its end. */
async function live({ seed, spool, canRelease }: Day): Promise<string[]> {
  const random = randomOf(seed);
  const clock = new ManualRuntime();
  const runtime = { now: clock.now, setTimer: clock.setTimer, clearTimer: clock.clearTimer, random };
  const service = new Service(clock, random);
  const keys = spool === 'shared' ? ['a', 'b'] : ['a'];
  const disk = spool === 'none' ? undefined : new Disk();
  const accepted = new Set<string>();
  const dropped = new Set<string>();
  const running = new Map<string, Delivery>();
  const flushes: Promise<void>[] = [];
  const start = (key: string): void => {
    const onDrop = ({ json }: DroppedEntry): void =>
      void dropped.add(`${key} ${JSON.parse(json ?? '""') as string}`);
    const settings = { shutdownTimeoutMs: 60_000, onDrop, ...(disk && { spool: disk }) };
    running.set(key, createDelivery(service.destination(key, canRelease), settings, runtime));
  };
  for (const key of keys) start(key);
  for (let timeMs = 0, count = 0; timeMs < DAY_MS;) {
    const stepMs = Math.round(60_000 * random() ** 2 * 8);
    for (const key of keys) {
      for (let left = Math.floor(random() * 4); left > 0; left--) {
        const id = `id-${count++}`;
        accepted.add(`${key} ${id}`);
        running.get(key)?.accept(promptEntry(id));
      }
      if (random() < 0.4)
        flushes.push(
          running.get(key)?.flush(Math.round(20_000 ** random()), random() < 0.5 ? 300 : undefined) ??
            Promise.resolve(),
        );
      if (random() < 0.01) {
        const ended = running.get(key)?.shutdown(Math.round(15_000 ** random()));
        await clock.advance(60_000);
        await ended;
        start(key);
      }
    }
    if (random() < 0.02) service.isDown = !service.isDown;
    await clock.advance(stepMs);
    timeMs += stepMs;
  }
  service.isDown = false;
  // Several times: with everything on disk, a flush ends at the first failure.
  for (const key of [...keys, ...keys, ...keys, ...keys, ...keys]) {
    const ended = running.get(key)?.flush(3_600_000);
    await clock.advance(3_600_000);
    await ended;
  }
  await Promise.all(flushes);
  const wrong = [...accepted]
    .filter((id) => !service.arrivals.has(id) && !dropped.has(id))
    .map((id) => `missing ${id}`);
  for (const [id, times] of service.arrivals) {
    if (!accepted.has(id)) wrong.push(`under another key: ${id}`);
    const lost = service.lostAnswers.get(id) ?? 0;
    if (times > lost + 1) wrong.push(`${id} came ${times} times, ${lost} answers were lost`);
  }
  if (disk && dropped.size > 0) wrong.push(`dropped in spite of the spool: ${[...dropped].join()}`);
  return wrong;
}

describe.each(['none', 'own', 'shared'] as const)(
  'a day with flushes, outages and restarts, spool: %s',
  (spool) => {
    test.each([true, false])(
      'delivers every record, and none more often than answers were lost, plus one: release %s',
      { timeout: 600_000 },
      async (canRelease) => {
        for (let seed = 1; seed <= SEEDS; seed++)
          expect({ seed, wrong: await live({ seed: seed * 7_919, spool, canRelease }) }).toEqual({
            seed,
            wrong: [],
          });
      },
    );
  },
);
