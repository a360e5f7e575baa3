import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { MemoryStore, openFileStore, type NewRecord, type RecordStore } from '../../../src/server/index.js';
import { post, prompt } from '../helpers.js';
import { useServer } from '../../support/use-server.js';

function useFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trubrics-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function record(id: string, text = 'p'): NewRecord {
  const time = '2026-01-02T03:04:05.000Z';
  return {
    kind: 'prompt',
    id,
    userId: 'ada',
    prompt: text,
    generation: 'g',
    timestamp: time,
    receivedAt: time,
    tags: [],
    properties: {},
  };
}

function idsOf(store: RecordStore): string[] {
  return Array.from(store.entries(), (entry) => entry.record.id);
}

test('the oldest records make room, by number', async () => {
  const store = new MemoryStore({ maxRecords: 3 });
  for (let i = 0; i < 10_000; i++) await store.put([record(String(i))]);
  expect(idsOf(store)).toEqual(['9997', '9998', '9999']);
  expect(store.usage()).toMatchObject({ records: 3, evicted: 9997 });
  expect(store.table.end - store.table.first).toBe(3);
  expect([store.get('9999')?.seq, store.get('1')]).toEqual([10_000, undefined]);
});

test('the oldest records make room, by size, but the latest always stays', async () => {
  const store = new MemoryStore({ maxBytes: 10_000 });
  await store.put([record('a', 'x'.repeat(3000)), record('b', 'x'.repeat(3000))]);
  expect(idsOf(store)).toEqual(['b']);
  await store.put([record('c', 'x'.repeat(100_000))]);
  expect(idsOf(store)).toEqual(['c']);
  await store.put([record('d')]);
  expect(idsOf(store)).toEqual(['d']);
  expect(store.usage().bytes).toBeLessThan(1000);
});

test('after clearing, numbers go on', async () => {
  const store = new MemoryStore();
  await store.put([record('a'), record('b')]);
  expect(await store.clear()).toBe(2);
  const [entry] = await store.put([record('c')]);
  expect([entry?.record.seq, store.usage().bytes > 0, idsOf(store)]).toEqual([3, true, ['c']]);
});

test('a file keeps the records across restarts, and only its owner can read it', async () => {
  const file = join(useFolder(), 'records.jsonl');
  const first = await openFileStore({ file });
  await first.put([record('a'), record('b', 'Größe 😀')]);
  await first.put([record('a', 'again')]);
  await first.close();
  const second = await openFileStore({ file });
  expect(idsOf(second)).toEqual(['a', 'b']);
  expect(second.get('a')).toMatchObject({ prompt: 'again', seq: 1 });
  expect(second.get('b')).toMatchObject({ prompt: 'Größe 😀' });
  expect(second.usage().file).toBe('records.jsonl');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await second.close();
});

test('a torn last line is cut off, and a line that is no record is passed over', async () => {
  const file = join(useFolder(), 'records.jsonl');
  const first = await openFileStore({ file });
  await first.put([record('a')]);
  await first.close();
  appendFileSync(file, 'nonsense\n{"kind":"prompt","id":1}\n{"kind":"prompt","id":"b","userId":"a');
  const second = await openFileStore({ file });
  await second.put([record('c')]);
  await second.close();
  const third = await openFileStore({ file });
  expect(idsOf(third)).toEqual(['a', 'c']);
  await third.close();
});

test('every length of a torn file can be opened and written to', async () => {
  const file = join(useFolder(), 'records.jsonl');
  const whole = await openFileStore({ file });
  await whole.put([record('a', 'ä'), record('b', '😀')]);
  await whole.close();
  const bytes = readFileSync(file);
  for (let length = 0; length <= bytes.length; length += 7) {
    writeFileSync(file, bytes.subarray(0, length));
    const torn = await openFileStore({ file });
    await torn.put([record('new')]);
    await torn.close();
    const again = await openFileStore({ file });
    expect(idsOf(again).at(-1)).toBe('new');
    await again.close();
  }
});

test('a large file is read with progress, of which the latest are kept', async () => {
  const file = join(useFolder(), 'records.jsonl');
  const line = (i: number): string => `${JSON.stringify(record(String(i), 'x'.repeat(1000)))}\n`;
  writeFileSync(file, Array.from({ length: 5000 }, (_, i) => line(i)).join(''));
  const progress: number[] = [];
  const store = await openFileStore({
    file,
    maxRecords: 10,
    onLoadProgress: (share) => progress.push(share),
  });
  expect(idsOf(store)).toEqual(Array.from({ length: 10 }, (_, i) => String(4990 + i)));
  expect(progress.length).toBeGreaterThan(3);
  expect(progress.at(-1)).toBe(1);
  await store.close();
});

test('many writers at once lose nothing, and clearing empties the file', async () => {
  const file = join(useFolder(), 'records.jsonl');
  const server = await useServer({ file });
  await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      post(server, [
        prompt({ properties: { $event_id: `a${i}` } }),
        prompt({ properties: { $event_id: `b${i}` } }),
      ]),
    ),
  );
  expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(200);
  await fetch(`${server.url}/api/records`, { method: 'DELETE' });
  expect(readFileSync(file, 'utf8')).toBe('');
  await post(server, [prompt()]);
  expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(1);
});

test('a file that cannot be opened is an error with a code', async () => {
  const folder = useFolder();
  await expect(openFileStore({ file: folder })).rejects.toMatchObject({ code: 'EISDIR' });
  await expect(openFileStore({ file: join(folder, 'no', 'such') })).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a removed record is gone, also after a restart, and holes do no harm', async () => {
  const file = join(useFolder(), 'records.jsonl');
  const first = await openFileStore({ file });
  await first.put(['a', 'b', 'c', 'd'].map((id) => record(id)));
  expect(await first.remove(['b', 'nobody', 'a'])).toEqual(['b', 'a']);
  await first.put([record('e'), record('c', 'again')]);
  expect(idsOf(first)).toEqual(['c', 'd', 'e']);
  expect([first.get('b'), first.usage().records]).toEqual([undefined, 3]);
  await first.close();
  const second = await openFileStore({ file });
  expect(idsOf(second)).toEqual(['c', 'd', 'e']);
  expect(second.get('c')).toMatchObject({ prompt: 'again' });
  await second.close();
});

test('whatever is put, replaced, removed and evicted, rows and records agree', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom('put', 'put', 'put', 'remove', 'clear'), fc.nat(30)), {
        maxLength: 200,
      }),
      async (steps) => {
        const store = new MemoryStore({ maxRecords: 10 });
        let expected: string[] = [];
        for (const [step, number] of steps) {
          const id = String(number);
          if (step === 'clear' && number < 2) expected = [];
          if (step === 'clear' && number < 2) await store.clear();
          if (step === 'remove') await store.remove([id]);
          if (step === 'remove') expected = expected.filter((other) => other !== id);
          if (step === 'put') await store.put([{ ...record(id), userId: `user-${number % 3}` }]);
          if (step === 'put' && !expected.includes(id)) expected = [...expected, id].slice(-10);
        }
        expect(idsOf(store)).toEqual(expected);
        const { table } = store;
        const users = expected.map((id) => `user-${Number(id) % 3}`);
        const rows = Array.from(expected, (id) => table.rowOf(store.get(id)?.seq ?? 0));
        expect(rows.map((row) => table.users.nameOf(table.user[row] ?? 0))).toEqual(users);
        for (const user of ['user-0', 'user-1', 'user-2'])
          expect(table.users.find(user) !== undefined).toBe(users.includes(user));
      },
    ),
    { numRuns: 300 },
  );
});

test('a file that has grown to several times what is kept is rewritten while it is used', async () => {
  const file = join(useFolder(), 'records.jsonl');
  const store = await openFileStore({ file, maxRecords: 50 });
  const text = 'x'.repeat(20_000);
  let largest = 0;
  for (let i = 0; i < 1200; i += 4) {
    await Promise.all([0, 1, 2, 3].map((j) => store.put([record(String(i + j), text)])));
    largest = Math.max(largest, statSync(file).size);
  }
  await store.close();
  expect(largest).toBeLessThan(12 * 1024 * 1024);
  const again = await openFileStore({ file, maxRecords: 50 });
  expect(idsOf(again)).toEqual(Array.from({ length: 50 }, (_, i) => String(1150 + i)));
  await again.close();
});

test('a file that had grown under an earlier version is rewritten at the start', async () => {
  const file = join(useFolder(), 'records.jsonl');
  writeFileSync(file, `${JSON.stringify(record('a', 'x'.repeat(10_000)))}\n`.repeat(1000));
  const store = await openFileStore({ file });
  expect(statSync(file).size).toBeLessThan(20_000);
  expect(idsOf(store)).toEqual(['a']);
  await store.close();
});

test('a file has one user at a time; the lock of a dead one is taken over', async () => {
  const file = join(useFolder(), 'records.jsonl');
  const store = await openFileStore({ file });
  await expect(openFileStore({ file })).rejects.toMatchObject({
    code: 'ELOCKED',
    message: expect.stringContaining(`in use by process ${process.pid}`),
  });
  await store.close();
  const dead = { pid: 2 ** 22 + 1, host: hostname() };
  for (const left of [
    JSON.stringify(dead),
    '',
    '{"pid":',
    JSON.stringify({ ...dead, pid: process.pid, startedAt: '1' }),
  ]) {
    writeFileSync(`${file}.lock`, left);
    await (await openFileStore({ file })).close();
  }
  writeFileSync(`${file}.lock`, JSON.stringify({ pid: 1, host: 'another-machine' }));
  await expect(openFileStore({ file })).rejects.toThrow(/another-machine.*delete .*records\.jsonl\.lock/);
});
