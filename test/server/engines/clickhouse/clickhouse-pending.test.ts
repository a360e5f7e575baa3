import { expect, onTestFinished, test, vi } from 'vitest';
import {
  ClickHouseClient,
  parseClickHouseUrl,
} from '../../../../src/server/engines/clickhouse/client/clickhouse-client.js';
import { ClickHousePending } from '../../../../src/server/engines/clickhouse/clickhouse-pending.js';
import type { PendingPart } from '../../../../src/server/engines/pending-parts.js';

const LIMITS = { maxItems: 1000, maxWaitMs: 100 };

function part(id: string): PendingPart {
  return { id, kind: 'log', key: 'k', value: '{}' };
}

/** Parts over a ClickHouse that answers each deletion when it is told to. The clock is advanced by hand. */
function useHeld() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const statements: string[] = [];
  const held: ((status: number) => void)[] = [];
  const send = async (url: unknown, init?: RequestInit): Promise<Response> => {
    const text = `${String(url)} ${await new Response(init?.body).text()}`;
    statements.push(text);
    if (!text.includes('DELETE FROM')) return new Response('');
    const status = await new Promise<number>((resolve) => held.push(resolve));
    return new Response('', { status });
  };
  const client = new ClickHouseClient(parseClickHouseUrl('clickhouse://localhost/db'), send);
  const pending = new ClickHousePending(client, 'shop', LIMITS);
  const deletions = (): string[] => statements.filter((text) => text.includes('DELETE FROM'));
  const answer = async (status = 200): Promise<void> => {
    // Without the clock: only what is due by itself arrives.
    while (held.length === 0) await new Promise(setImmediate);
    held.shift()?.(status);
  };
  return { pending, statements, deletions, answer };
}

const digestsIn = (statement: string): number => statement.match(/\b[0-9A-F]{32}\b/g)?.length ?? 0;

test('parts that are forgotten at the same time are one deletion, and no call ends before it', async () => {
  const { pending, deletions, answer } = useHeld();
  const ended: number[] = [];
  const calls = Array.from({ length: 60 }, async (_, at) => {
    await pending.forget([part(`id ${at % 50}`)]);
    ended.push(at);
  });
  await vi.advanceTimersByTimeAsync(LIMITS.maxWaitMs);
  await vi.waitFor(() => expect(deletions().map(digestsIn)).toEqual([50]));
  expect(ended).toEqual([]);
  await answer();
  await Promise.all(calls);
  expect(ended).toHaveLength(60);
  expect(deletions()).toHaveLength(1);
});

test('what comes while a deletion runs is gathered for the next one, and a failed one is told to its callers alone', async () => {
  const { pending, deletions, answer } = useHeld();
  const first = pending.forget([part('a')]);
  await vi.advanceTimersByTimeAsync(LIMITS.maxWaitMs);
  await vi.waitFor(() => expect(deletions()).toHaveLength(1));
  const later = ['b', 'c', 'd'].map((id) => pending.forget([part(id)]));
  await vi.advanceTimersByTimeAsync(10 * LIMITS.maxWaitMs);
  expect(deletions()).toHaveLength(1);
  const failure = first.catch((error: unknown) => error);
  await answer(400);
  expect(await failure).toMatchObject({ message: 'status 400' });
  await answer();
  await Promise.all(later);
  expect(deletions().map(digestsIn)).toEqual([1, 3]);
});

test('a call with many parts is several deletions of a bounded size', async () => {
  const { pending, deletions, answer } = useHeld();
  const call = pending.forget(Array.from({ length: 12_000 }, (_, at) => part(`id ${at}`)));
  for (let count = 0; count < 3; count++) await answer();
  await call;
  expect(deletions().map(digestsIn)).toEqual([5000, 5000, 2000]);
});

test('a part that is put while it is forgotten is written after that, others at once', async () => {
  const { pending, statements, answer } = useHeld();
  const inserts = (): string[] => statements.filter((text) => text.includes('INSERT'));
  const forgotten = pending.forget([part('a')]);
  const again = pending.put([part('a')]);
  const other = pending.put([part('b')]);
  await vi.advanceTimersByTimeAsync(LIMITS.maxWaitMs);
  await other;
  expect(inserts()).toHaveLength(1);
  await answer();
  await forgotten;
  await vi.advanceTimersByTimeAsync(LIMITS.maxWaitMs);
  await again;
  expect(inserts()).toHaveLength(2);
});

test('nothing that waits to be forgotten is left behind when the store closes', async () => {
  const { pending, deletions, answer } = useHeld();
  const call = pending.forget([part('a')]);
  const drained = pending.drain();
  await answer();
  await drained;
  await call;
  expect(deletions()).toHaveLength(1);
});

test('what is put while it is forgotten is written before the store has closed, without waiting for a timer', async () => {
  const { pending, statements, answer } = useHeld();
  const order = (): readonly string[] => statements.map((text) => /DELETE FROM|INSERT/.exec(text)?.[0] ?? '');
  const forgotten = pending.forget([part('a')]);
  const again = pending.put([part('a')]);
  const drained = pending.drain();
  await answer();
  await drained;
  expect(order()).toEqual(['DELETE FROM', 'INSERT']);
  await Promise.all([forgotten, again]);
});

test('what is put while it is forgotten is written on close also if the deletion fails', async () => {
  const { pending, statements, answer } = useHeld();
  const failure = pending.forget([part('a')]).catch((error: unknown) => error);
  const again = pending.put([part('a')]);
  const drained = pending.drain();
  await answer(400);
  await drained;
  await again;
  expect(await failure).toMatchObject({ message: 'status 400' });
  expect(statements.filter((text) => text.includes('INSERT'))).toHaveLength(1);
});
