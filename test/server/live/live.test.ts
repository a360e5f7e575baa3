import { expect, onTestFinished, test, vi } from 'vitest';
import { MemoryStore, type RunningServer } from '../../../src/server/index.js';
import { post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';

interface Message {
  readonly event: string;
  readonly id: string;
  readonly data: unknown;
}

/** Opens a live stream; each call of `next` returns the next message of one kind. */
async function listen(server: RunningServer, query = '', lastEventId?: string) {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const response = await fetch(`${server.url}/api/live?${query}`, {
    signal: abort.signal,
    headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
  });
  const messages = parse(response);
  return {
    response,
    close: () => abort.abort(),
    async next(kind: string): Promise<Message> {
      for (;;) {
        const { value, done } = await messages.next();
        if (done) throw new Error('The stream ended');
        if (value.event === kind) return value;
      }
    },
  };
}

async function* parse(response: Response): AsyncGenerator<Message, undefined> {
  let text = '';
  if (!response.body) return;
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(
        block
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      const data = fields.get('data');
      if (data !== undefined)
        yield {
          event: fields.get('event') ?? '',
          id: fields.get('id') ?? '',
          data: JSON.parse(data) as unknown,
        };
    }
  }
}

test('an open page gets the records that match its query as they arrive', async () => {
  const server = await useServer();
  const page = await listen(server, 'user=ada&preview=4');
  expect(page.response.headers.get('content-type')).toContain('text/event-stream');
  await page.next('hello');
  await post(server, [prompt({ user_id: 'bob' })]);
  await post(server, [prompt({ prompt: 'long prompt' })]);
  expect((await page.next('records')).data).toMatchObject([{ userId: 'ada', prompt: 'long…' }]);
});

test('a page that reconnects gets the records that it has missed, once', async () => {
  const server = await useServer();
  const first = await listen(server);
  await post(server, [prompt({ prompt: '1' })]);
  const { id } = await first.next('records');
  first.close();
  await post(server, [prompt({ prompt: '2' }), prompt({ prompt: '3' })]);
  const second = await listen(server, '', id);
  expect((await second.next('records')).data).toMatchObject([{ prompt: '2' }, { prompt: '3' }]);
  await post(server, [prompt({ prompt: '4' })]);
  expect((await second.next('records')).data).toMatchObject([{ prompt: '4' }]);
});

test('a page of an earlier server, or from before a deletion, is told to list anew', async () => {
  const server = await useServer();
  const restarted = await listen(server, '', 'earlier-7');
  expect((await restarted.next('reset')).data).toEqual({ reason: 'restarted' });
  const { id } = await (await listen(server)).next('hello');
  await fetch(`${server.url}/api/records`, { method: 'DELETE' });
  expect((await restarted.next('reset')).data).toEqual({ reason: 'cleared' });
  const late = await listen(server, '', id);
  expect((await late.next('reset')).data).toEqual({ reason: 'behind' });
});

test('one stream serves several queries, each with its own records and resets', async () => {
  const server = await useServer();
  const params = new URLSearchParams([
    ['watch', 'user=ada'],
    ['watch', 'user=bob&q=span'],
    ['watch', ''],
    ['preview', '4'],
  ]);
  const pages = await listen(server, params.toString());
  const { id } = await pages.next('hello');
  await post(server, [prompt({ user_id: 'bob' })]);
  const record = { userId: 'bob', prompt: 'What…' };
  expect((await pages.next('records')).data).toMatchObject({ watch: 'user=bob&q=span', records: [record] });
  expect((await pages.next('records')).data).toMatchObject({ watch: '', records: [record] });
  const sixty = Array.from({ length: 60 }, () => prompt());
  await Promise.all([post(server, sixty), post(server, sixty)]);
  expect((await pages.next('reset')).data).toEqual({ reason: 'behind', watch: 'user=ada' });
  expect((await pages.next('reset')).data).toEqual({ reason: 'behind', watch: '' });
  const again = await listen(server, params.toString(), id);
  const missed = [await again.next('records'), await again.next('records'), await again.next('records')];
  expect(missed.map(({ data }) => data)).toMatchObject([
    { watch: 'user=ada' },
    { watch: 'user=bob&q=span', records: [record] },
    { watch: '' },
  ]);
});

test('a stream with a wrong query, or with too many, is refused with the reason', async () => {
  const server = await useServer();
  const refused = async (params: URLSearchParams): Promise<unknown> => {
    const response = await fetch(`${server.url}/api/live?${params.toString()}`);
    return [response.status, ((await response.json()) as { detail: string }).detail];
  };
  expect(await refused(new URLSearchParams({ watch: 'since=yesterday' }))).toEqual([
    400,
    expect.stringContaining('since must be'),
  ]);
  const many = new URLSearchParams();
  for (let i = 0; i < 101; i++) many.append('watch', `user=${i}`);
  expect(await refused(many)).toEqual([400, expect.stringContaining('at most 100')]);
});

test('a stream says how often it beats, and beats with an event that a page can hear', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const server = await useServer();
  const page = await listen(server);
  expect((await page.next('hello')).data).toMatchObject({ beatMs: 15_000 });
  vi.advanceTimersByTime(15_000);
  expect((await page.next('beat')).data).toEqual({});
});

test('a page is told which records were removed, at once and when it reconnects', async () => {
  const server = await useServer();
  const page = await listen(server);
  await post(
    server,
    ['1', '2'].map((id) => prompt({ properties: { $event_id: id } })),
  );
  const { id } = await page.next('records');
  await fetch(`${server.url}/api/records/1`, { method: 'DELETE' });
  expect((await page.next('removed')).data).toEqual({ ids: ['1'] });
  const late = await listen(server, '', id);
  expect((await late.next('removed')).data).toEqual({ ids: ['1'] });
});

test('a page of one server sees what another server over the same store took in and removed', async () => {
  const store = new MemoryStore();
  const [writing, reading] = [await useServer({ store }), await useServer({ store })];
  const page = await listen(reading, 'user=ada');
  await page.next('hello');
  const send = (user: string, id: string): Promise<Response> =>
    post(writing, [prompt({ user_id: user, properties: { $event_id: id } })]);
  await send('bob', '1');
  await send('ada', '2');
  expect((await page.next('records')).data).toMatchObject([{ id: '2' }]);
  await fetch(`${writing.url}/api/records/2`, { method: 'DELETE' });
  expect((await page.next('removed')).data).toEqual({ ids: ['2'] });
  page.close();
  await send('ada', '3');
  const again = await listen(reading, 'user=ada');
  await again.next('hello');
  await send('ada', '4');
  expect((await again.next('records')).data).toMatchObject([{ id: '4' }]);
});

test('an open page gets the records of a segment as they arrive, and no internal ones', async () => {
  const store = new MemoryStore();
  const server = await useServer({ store });
  await store.documents.put({ kind: 'segment', name: 'pro', value: { filters: ['prop.plan=pro'] } });
  await post(server, [prompt({ user_id: 'ada', properties: { plan: 'pro' } })]);
  const params = new URLSearchParams();
  // The error of one query would end the stream for the others as well.
  const unknown = ['segment=gone', 'topic=gone', 'since=2026-11-03&timezone=Mars/Base'];
  for (const watch of ['segment=pro', ...unknown, 'internal=only', '']) params.append('watch', watch);
  const pages = await listen(server, params.toString());
  const { id } = await pages.next('hello');
  const send = (user_id: string, text: string, properties = {}): Promise<Response> =>
    post(server, [prompt({ user_id, prompt: text, properties })]);
  await send('bob', '1', { environment: 'test' });
  await send('ada', '2');
  const expected = [
    { watch: 'internal=only', records: [{ prompt: '1' }] },
    { watch: 'segment=pro', records: [{ prompt: '2' }] },
    { watch: '', records: [{ prompt: '2' }] },
  ];
  const seen = await Promise.all(expected.map(() => pages.next('records')));
  expect(seen.map(({ data }) => data)).toEqual(
    expect.arrayContaining(
      expected.map((data) =>
        expect.objectContaining({ watch: data.watch, records: [expect.objectContaining(data.records[0])] }),
      ),
    ),
  );
  // Those who come back get the same.
  const late = await listen(server, 'segment=pro', id);
  expect((await late.next('records')).data).toMatchObject([{ prompt: '2' }]);
});

test('an open page gets refused requests', async () => {
  const server = await useServer();
  const page = await listen(server);
  await page.next('hello');
  await post(server, [{}]);
  expect((await page.next('rejection')).data).toMatchObject({ status: 422 });
});

test('at most 32 pages get live updates, and a closed one makes room', async () => {
  const server = await useServer();
  const pages = await Promise.all(Array.from({ length: 32 }, () => listen(server)));
  expect((await fetch(`${server.url}/api/live`)).status).toBe(503);
  pages[0]?.close();
  await expect.poll(async () => (await listen(server)).response.status).toBe(200);
});

test('closing the server ends the live streams', async () => {
  const server = await useServer();
  const page = await listen(server);
  await page.next('hello');
  await server.close();
  await expect(page.next('records')).rejects.toThrow();
});
