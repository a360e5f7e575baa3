import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Changes } from '../../../src/server/engines/record-store.js';
import { LiveUpdates } from '../../../src/server/live/live-updates.js';
import type { RecordStore, StoredRecord } from '../../../src/server/index.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
});

const record = (id: string, userId = 'ada'): StoredRecord =>
  ({
    id,
    userId,
    kind: 'prompt',
    prompt: 'a question',
    generation: 'an answer',
    properties: {},
    tags: [],
  }) as unknown as StoredRecord;

/** A store that only has changes: one for each record and removal, which are read up to a limit. */
function changingStore() {
  const log: { record?: StoredRecord; removed?: string }[] = [];
  const watchers = new Set<() => void>();
  const state = { reads: 0, isDown: false, hold: Promise.resolve() as Promise<unknown> };
  const store = {
    documents: { get: () => Promise.resolve(undefined) },
    watch: (onChange: () => void) => {
      watchers.add(onChange);
      return () => void watchers.delete(onChange);
    },
    changes: async (since: string | undefined, limit: number): Promise<Changes> => {
      state.reads += 1;
      const end = log.length;
      await state.hold;
      if (state.isDown) throw new Error('no');
      const from = since === undefined ? end : Number(since);
      if (Number.isNaN(from)) throw new TypeError('no cursor');
      const news = log.slice(from, end);
      return {
        cursor: String(end),
        isComplete: news.length <= limit,
        records: news.flatMap((change) => change.record ?? []),
        removed: news.flatMap((change) => change.removed ?? []),
      };
    },
  };
  const add = (...changes: typeof log): void => {
    log.push(...changes);
    for (const onChange of watchers) onChange();
  };
  return { store: store as unknown as RecordStore, add, state, watchers };
}

function setUp() {
  const changing = changingStore();
  const live = new LiveUpdates(changing.store);
  onTestFinished(() => live.close());
  return { ...changing, live };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const pass = async (ms: number): Promise<void> => {
  vi.advanceTimersByTime(ms);
  await settle();
};

/** A page: what it was sent since the last call of `news`, and the id of the last message. */
async function open(live: LiveUpdates, query = '', lastEventId?: string) {
  const stream = await live.subscribe(new URLSearchParams(query), lastEventId);
  if (!stream) throw new Error('too many');
  const reader = stream.getReader();
  let text = '';
  let lastId = '';
  void (async () => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += new TextDecoder().decode(value);
    }
  })();
  const news = async (): Promise<[string, unknown][]> => {
    await settle();
    const messages = [...text.matchAll(/event: (\w+)\n(?:id: (\S*)\n)?data: (.*)\n/g)];
    text = '';
    lastId = messages.findLast(([, , id]) => id !== undefined)?.[2] ?? lastId;
    return messages.map(([, event = '', , data = '']) => [event, JSON.parse(data) as unknown]);
  };
  return { news, lastId: () => lastId, close: () => reader.cancel() };
}

const ids = (records: unknown): string[] => (records as StoredRecord[]).map(({ id }) => id);

test('changes within a tenth of a second are read once and make one message', async () => {
  const { live, add, state } = setUp();
  const page = await open(live);
  expect(await page.news()).toEqual([['hello', { revision: 0, beatMs: 15_000 }]]);
  const before = state.reads;
  add({ record: record('a') });
  add({ record: record('b') }, { removed: 'c' });
  await pass(99);
  expect(await page.news()).toEqual([]);
  await pass(1);
  expect(state.reads).toBe(before + 1);
  const [removed, records, ...others] = await page.news();
  expect(removed).toEqual(['removed', { ids: ['c'] }]);
  expect([records?.[0], ids(records?.[1])]).toEqual(['records', ['a', 'b']]);
  expect(others).toEqual([]);
  expect(page.lastId()).toMatch(/-3$/);
});

test('changes that come while others are read are sent afterwards, and each once', async () => {
  const { live, add, state } = setUp();
  const page = await open(live);
  await page.news();
  let release: () => void = () => {};
  state.hold = new Promise<void>((resolve) => (release = resolve));
  add({ record: record('a') });
  await pass(100);
  add({ record: record('b') });
  await pass(1_000);
  state.hold = Promise.resolve();
  release();
  expect((await page.news()).map(([, data]) => ids(data))).toEqual([['a']]);
  await pass(100);
  expect((await page.news()).map(([, data]) => ids(data))).toEqual([['b']]);
  const { reads } = state;
  await pass(10_000);
  expect(state.reads).toBe(reads);
});

test('changes that cannot be read are read again a second later', async () => {
  const { live, add, state } = setUp();
  const page = await open(live);
  await page.news();
  state.isDown = true;
  add({ record: record('a') });
  await pass(100);
  state.isDown = false;
  await pass(999);
  expect(await page.news()).toEqual([]);
  await pass(1);
  expect((await page.news()).map(([, data]) => ids(data))).toEqual([['a']]);
});

test('a reset makes a read in progress obsolete, and later changes follow it', async () => {
  const { live, add, state } = setUp();
  const page = await open(live);
  await page.news();
  let release: () => void = () => {};
  state.hold = new Promise<void>((resolve) => (release = resolve));
  add({ record: record('a') });
  await pass(100);
  live.publishReset('cleared', '1');
  release();
  expect(await page.news()).toEqual([['reset', { reason: 'cleared' }]]);
  add({ record: record('b') });
  await pass(100);
  expect((await page.news()).map(([, data]) => ids(data))).toEqual([['b']]);
});

test('a page gets what it has missed, and then what came meanwhile, without a gap', async () => {
  const { live, add, state } = setUp();
  const first = await open(live);
  const other = await open(live);
  await first.news();
  const id = first.lastId();
  await first.close();
  add({ record: record('a') });
  await pass(100);
  let release: () => void = () => {};
  state.hold = new Promise<void>((resolve) => (release = resolve));
  const again = await open(live, '', id);
  state.hold = Promise.resolve();
  add({ record: record('b') });
  await pass(100);
  expect((await again.news()).map(([event]) => event)).toEqual(['hello']);
  release();
  expect((await again.news()).map(([, data]) => ids(data))).toEqual([['a'], ['b']]);
  expect((await other.news()).slice(1).map(([, data]) => ids(data))).toEqual([['a'], ['b']]);
  add({ record: record('c') });
  await pass(100);
  expect((await again.news()).map(([, data]) => ids(data))).toEqual([['c']]);
});

test.each([
  ['of another server', 'earlier-0'],
  ['without a cursor that can be read', undefined],
])('a page that comes back with an id %s lists anew', async (_title, given) => {
  const { live } = setUp();
  const page = await open(live);
  await page.news();
  const id = given ?? `${page.lastId().split('-')[0]}-?`;
  const again = await open(live, '', id);
  expect((await again.news()).at(-1)).toEqual(['reset', { reason: 'restarted' }]);
});

test('a page lists anew if more than a hundred records arrive at once, unless it has just come back', async () => {
  const { live, add } = setUp();
  const page = await open(live);
  await page.news();
  const id = page.lastId();
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ record: record(String(index)) }));
  add(...many(100));
  await pass(100);
  expect((await page.news()).map(([event]) => event)).toEqual(['records']);
  add(...many(101));
  await pass(100);
  expect(await page.news()).toEqual([['reset', { reason: 'behind' }]]);
  const again = await open(live, '', id);
  expect(ids((await again.news()).at(-1)?.[1])).toHaveLength(201);
  add(...many(800));
  await pass(100);
  const late = await open(live, '', id);
  expect((await late.news()).at(-1)).toEqual(['reset', { reason: 'behind' }]);
});

test('every open page is told of a refusal, and beats until the last one is closed', async () => {
  const { live, watchers } = setUp();
  const pages = [await open(live), await open(live)];
  for (const page of pages) await page.news();
  live.publishRejection({ status: 422 } as never);
  await pass(15_000);
  for (const page of pages)
    expect(await page.news()).toEqual([
      ['rejection', { status: 422 }],
      ['beat', {}],
    ]);
  expect([live.clients, watchers.size]).toEqual([2, 1]);
  await pages[0]?.close();
  expect([live.clients, watchers.size, vi.getTimerCount()]).toEqual([1, 1, 1]);
  await pages[1]?.close();
  expect([live.clients, watchers.size, vi.getTimerCount()]).toEqual([0, 0, 0]);
  const again = await open(live);
  await again.news();
  await pass(15_000);
  expect(await again.news()).toEqual([['beat', {}]]);
});

test('the store is not read after the last page was closed, also if it was just being read', async () => {
  const { live, add, state } = setUp();
  const page = await open(live);
  add({ record: record('a') });
  await page.close();
  const { reads } = state;
  await pass(10_000);
  expect(state.reads).toBe(reads);
  const second = await open(live);
  let release: () => void = () => {};
  state.hold = new Promise<void>((resolve) => (release = resolve));
  add({ record: record('b') });
  await pass(100);
  add({ record: record('c') });
  await second.close();
  state.hold = Promise.resolve();
  release();
  await settle();
  expect(vi.getTimerCount()).toBe(0);
});

test('a page is refused while the store cannot be followed, and not later', async () => {
  const { live, state, watchers } = setUp();
  state.isDown = true;
  await expect(open(live)).rejects.toThrow('no');
  expect(watchers.size).toBe(0);
  state.isDown = false;
  const page = await open(live);
  expect((await page.news()).map(([event]) => event)).toEqual(['hello']);
});

test('a page that reads too slowly lists anew when it reads again, and has no messages in between', async () => {
  const { live } = setUp();
  const stream = await live.subscribe(new URLSearchParams(), undefined);
  const large = 'x'.repeat(3 * 1024 * 1024);
  for (let index = 0; index < 4; index += 1) live.publishRejection({ detail: `${index}${large}` } as never);
  const reader = stream?.getReader();
  let text = '';
  while (!text.includes('reset')) text += new TextDecoder().decode((await reader?.read())?.value);
  const rejections = [...text.matchAll(/"detail":"(\d)/g)].map(([, index]) => index);
  expect(rejections).toEqual(['0', '1']);
  expect(text).toContain('{"reason":"behind"}');
  live.publishRejection({ detail: 'later' } as never);
  expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('later');
  await reader?.cancel();
});

test('closing ends every stream', async () => {
  const { live } = setUp();
  const streams = [
    await live.subscribe(new URLSearchParams(), undefined),
    await live.subscribe(new URLSearchParams(), undefined),
  ];
  live.close();
  for (const stream of streams) {
    const reader = stream?.getReader();
    let isDone = false;
    while (!isDone) isDone = (await reader?.read())?.done ?? true;
    expect(isDone).toBe(true);
  }
  expect(live.clients).toBe(0);
});
