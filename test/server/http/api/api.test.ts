import { expect, test } from 'vitest';
import { ROUTE_CONTENTS } from '../../../../src/server/http/access/route-contents.js';
import {
  MemoryStore,
  type RecordList,
  type Statistics,
  type StoredRecord,
  type ThreadSummary,
  type UserSummary,
} from '../../../../src/server/index.js';
import { getJson, post, prompt } from '../../../support/server-requests.js';
import { useServer } from '../../../support/use-server.js';

const MINUTE = 60_000;

function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * MINUTE).toISOString();
}

async function useSeeded() {
  const server = await useServer();
  const named = (id: string, fields: Record<string, unknown>, properties: Record<string, unknown> = {}) =>
    prompt({ ...fields, properties: { $event_id: id, ...properties } });
  await post(server, [
    named(
      '1',
      { user_id: 'ada', thread_id: 't1', assistant_id: 'm1', latency: 1, timestamp: minutesAgo(90) },
      {
        tags: ['chat'],
        input_tokens: 10,
        output_tokens: 5,
        environment: 'dev',
      },
    ),
    named(
      '2',
      { user_id: 'ada', thread_id: 't1', assistant_id: 'm2', latency: 3, timestamp: minutesAgo(30) },
      {
        tags: ['chat', 'beta'],
        input_tokens: 20,
      },
    ),
    named('3', {
      user_id: 'bob',
      thread_id: 't2',
      assistant_id: 'm1',
      prompt: 'Größe der Straße?',
      latency: 2,
    }),
  ]);
  const failed = { error_type: 'Timeout', model: 'm2', $event_id: '4', prompt: 'why' };
  await post(
    server,
    [
      { user_id: 'bob', event: 'LLM error', properties: failed },
      { user_id: 'cleo', event: 'Feedback', properties: { $event_id: '5', score: '👍' } },
    ],
    {},
    'publish_events',
  );
  return server;
}

test.each([
  ['', '54321'],
  ['user=ada', '21'],
  ['user=ada&user=cleo', '521'],
  ['user=ada&model=m2', '2'],
  ['model=m2', '42'],
  ['thread=t1', '21'],
  ['tag=beta', '2'],
  ['event=LLM%20error', '4'],
  ['kind=event', '54'],
  ['error=true', '4'],
  ['error=false&kind=event', '5'],
  ['q=STRASSE', ''],
  ['q=straße%20größe', '3'],
  ['q=%22a%20span%22', '21'],
  ['q=%22span%20a%22', ''],
  ['since=1h', '5432'],
  ['until=1h', '1'],
  [`since=${Date.now() - 60 * MINUTE}&until=10m`, '2'],
  ['prop.environment=dev', '1'],
  ['prop.input_tokens=20', '2'],
  ['user=', '54321'],
])('GET /api/records?%s finds %s, latest first', async (query, expected) => {
  const server = await useSeeded();
  const list = await getJson<RecordList>(server, `/api/records?${query}`);
  expect(list.records.map((record) => record.id).join('')).toBe(expected);
  expect(list.total).toBe(expected.length);
});

test.each([
  'since=yesterday',
  'limit=some',
  'limit=%20',
  'limit=0x10',
  'limit=1e2',
  'before=-1',
  'until=2026-99-99',
])('GET /api/records?%s is a bad request that names the parameter', async (query) => {
  const server = await useServer();
  const answer = await fetch(`${server.url}/api/records?${query}`);
  expect([answer.status, await answer.json()]).toEqual([
    400,
    { detail: expect.stringContaining(query.split('=')[0] ?? '') },
  ]);
});

test.each(['', 'kind=prompt&'])(
  'GET /api/records?%slimit=2 makes pages that hang together while records arrive',
  async (filter) => {
    const server = await useServer();
    await post(
      server,
      Array.from({ length: 5 }, (_, i) => prompt({ prompt: `p${i}` })),
    );
    const seen: string[] = [];
    let before: RecordList['before'] = Number.MAX_SAFE_INTEGER;
    while (before !== null) {
      const list: RecordList = await getJson<RecordList>(
        server,
        `/api/records?${filter}limit=2&before=${before}`,
      );
      seen.push(...list.records.map((record) => (record.kind === 'prompt' ? record.prompt : '')));
      before = list.before;
      await post(server, [prompt({ prompt: 'later' })]);
    }
    expect(seen).toEqual(['p4', 'p3', 'p2', 'p1', 'p0']);
  },
);

test('a list with preview has short texts, and never splits a character', async () => {
  const server = await useServer();
  await post(server, [
    prompt({ prompt: 'ab😀d', properties: { $event_id: 'x', secret: 1, total_tokens: 2 } }),
  ]);
  const { records } = await getJson<RecordList>(server, '/api/records?preview=3');
  expect(records).toMatchObject([{ prompt: 'ab…', properties: { total_tokens: 2 } }]);
  expect(records[0]?.properties).not.toHaveProperty('secret');
  expect(await getJson<StoredRecord>(server, '/api/records/x')).toMatchObject({ prompt: 'ab😀d' });
});

test('an unknown record or route is 404 in JSON', async () => {
  const server = await useServer();
  for (const path of ['/api/records/nobody', '/api/nothing', '/nothing']) {
    const answer = await fetch(`${server.url}${path}`);
    expect([answer.status, await answer.json()]).toEqual([404, { detail: 'Not Found' }]);
  }
});

test('GET /api/users sums up each user, the latest active first', async () => {
  const server = await useSeeded();
  const { users, total } = await getJson<{ users: UserSummary[]; total: number }>(server, '/api/users');
  expect(total).toBe(3);
  expect(users.find((user) => user.userId === 'ada')).toMatchObject({
    prompts: 2,
    threads: 1,
    errors: 0,
    inputTokens: 30,
    outputTokens: 5,
    models: ['m1', 'm2'],
  });
  expect(users.at(-1)?.userId).toBe('ada');
});

test('GET /api/threads sums up each conversation, with its first prompt', async () => {
  const server = await useSeeded();
  const { threads } = await getJson<{ threads: ThreadSummary[] }>(server, '/api/threads?user=ada');
  expect(threads).toMatchObject([
    { threadId: 't1', users: ['ada'], prompts: 2, firstPrompt: 'What is a span?' },
  ]);
});

test('GET /api/stats counts the same records in totals, models, tags and the time series', async () => {
  const server = await useSeeded();
  const stats = await getJson<Statistics>(server, '/api/stats?buckets=20');
  expect(stats).toMatchObject({
    records: 5,
    prompts: 3,
    events: 2,
    errors: 1,
    users: 3,
    threads: 2,
    latency: { p50: 2, p95: 3, p99: 3 },
    feedback: { positive: 1, negative: 0, other: 0 },
    tags: [
      { name: 'chat', count: 2 },
      { name: 'beta', count: 1 },
    ],
    store: { records: 5, evicted: 0 },
  });
  expect(stats.models.find((model) => model.assistantId === 'm2')).toMatchObject({ prompts: 1, errors: 1 });
  const { series } = stats;
  expect(series.at.length).toBeLessThanOrEqual(20);
  expect(series.prompts.reduce((sum, value) => sum + value)).toBe(3);
  expect(series.errors.reduce((sum, value) => sum + value)).toBe(1);
  expect(series.inputTokens.reduce((sum, value) => sum + value)).toBe(30);
});

test('GET /api/stats of an empty store has no latency and an empty time series', async () => {
  const server = await useServer();
  expect(await getJson(server, '/api/stats')).toMatchObject({
    records: 0,
    latency: { p50: null },
    series: { at: [] },
  });
});

test('DELETE /api/records deletes everything, and refuses filters', async () => {
  const server = await useSeeded();
  expect((await fetch(`${server.url}/api/records?model=m1`, { method: 'DELETE' })).status).toBe(400);
  const answer = await fetch(`${server.url}/api/records`, { method: 'DELETE' });
  expect(await answer.json()).toEqual({ deleted: 5 });
  expect(server.records()).toEqual([]);
});

test('GET /api/export gives the records that match, one JSON object a line', async () => {
  const server = await useSeeded();
  const text = await (await fetch(`${server.url}/api/export?format=jsonl&user=ada`)).text();
  const lines = text.trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as StoredRecord).id)).toEqual(['1', '2']);
});

test('no spreadsheet takes an exported text for a formula', async () => {
  const server = await useServer();
  const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '  =1', '\u200B=1', '\uFEFF=1', '＝1', '\u00A0@a'];
  const texts = [...formulas, '\t=1', '\rx', 'plain', 'a=1', 'with "quotes", and\nlines'];
  await post(
    server,
    texts.map((text) => prompt({ prompt: text, latency: -1 })),
  );
  const bad = { record_id: 'x', score: 1, label: '=2', comment: '=HYPERLINK("http://x.test","y")' };
  await post(server, [{ user_id: '=3', event: '+User feedback', properties: bad }], {}, 'publish_events');
  const answer = await fetch(`${server.url}/api/export?format=csv`);
  expect(answer.headers.get('content-type')).toContain('text/csv');
  expect(answer.headers.get('content-disposition')).toMatch(/attachment; filename="trubrics-.*\.csv"/);
  const csv = await answer.text();
  for (const text of [...formulas, '\t=1']) expect(csv).toContain(`,-1,'${text},`);
  expect(csv).toContain(',-1,"\'\rx",');
  for (const text of ['plain', 'a=1']) expect(csv).toContain(`,-1,${text},`);
  expect(csv).toContain('"with ""quotes"", and\nlines"');
  for (const cell of [",'=3,", ",'+User feedback,", ",'=2,", `"'=HYPERLINK(`]) expect(csv).toContain(cell);
  expect((await fetch(`${server.url}/api/export?format=xls`)).status).toBe(400);
});

test('no spreadsheet drops digits of an exported id, or takes a hash for a number', async () => {
  const server = await useServer();
  const changed = ['12345678901234567890', '0123456789012345', '007', '12e34567', '1.5E+10'];
  const kept = ['123456789012345', '0', '1e', 'e5', '0x10', 'a0123456789012345678', '2026-11-29'];
  await post(
    server,
    [...changed, ...kept].map((id) => prompt({ user_id: id, prompt: id })),
  );
  const csv = await (await fetch(`${server.url}/api/export?format=csv`)).text();
  for (const id of changed) expect(csv).toContain(`,'${id},`);
  for (const id of kept) expect(csv).toContain(`,${id},`);
});

/** Reads CSV without line breaks in cells. */
function readCsv(csv: string): Record<string, string>[] {
  const cells = (line: string): string[] =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((match) => match[1] ?? match[2] ?? '');
  const [names = [], ...rows] = csv.trimEnd().split('\r\n').map(cells);
  return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] ?? ''])));
}

test('an exported table has the feedback on each record, also of what the filters leave out', async () => {
  const server = await useServer();
  const prompts = Array.from({ length: 1500 }, (_, i) => prompt({ properties: { $event_id: `r${i}` } }));
  for (let i = 0; i < prompts.length; i += 100) await post(server, prompts.slice(i, i + 100));
  const feedback = [
    { record_id: 'r0', score: 1, comment: 'Größer ist besser' },
    { record_id: 'r0', score: -1, label: 'too long', comment: 'No' },
    { record_id: 'r1499', label: 'thumbs up' },
  ].map((properties) => ({ user_id: 'bob', event: 'User feedback', properties }));
  await post(server, feedback, {}, 'publish_events');
  const body = new Uint8Array(await (await fetch(`${server.url}/api/export?format=csv`)).arrayBuffer());
  // Excel takes a file without a byte order mark for one in the encoding of the machine.
  expect([...body.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  const rows = readCsv(new TextDecoder().decode(body));
  expect(rows).toHaveLength(1503);
  expect(rows[0]).toMatchObject({
    id: 'r0',
    feedback: 'positive; negative',
    feedback_score: '1; -1',
    feedback_label: 'too long',
    feedback_comment: 'Größer ist besser; No',
  });
  expect(rows[1]).toMatchObject({ id: 'r1', feedback: '', feedback_score: '', feedback_comment: '' });
  expect(rows[1499]).toMatchObject({ id: 'r1499', feedback: 'positive', feedback_label: 'thumbs up' });
  expect(rows[1501]).toMatchObject({ event: 'User feedback', feedback_on: 'r0', feedback: 'negative' });
  const filtered = await fetch(`${server.url}/api/export?format=csv&kind=prompt&user=ada`);
  expect(readCsv(await filtered.text())[0]).toMatchObject({ id: 'r0', feedback: 'positive; negative' });
});

test('the costs of an exported table add up to the cost of all, and what has no price is empty', async () => {
  const server = await useServer();
  const call = (id: string, properties: object) => prompt({ properties: { $event_id: id, ...properties } });
  const failed = { user_id: 'ada', event: 'LLM error', properties: { error_type: 'Timeout' } };
  const inner = { user_id: 'ada', event: 'LLM call', properties: { turn_id: 'turn', cost: 0.2 } };
  const calls = [
    { model: 'gpt-4o', input_tokens: 1000, output_tokens: 100 },
    { model: 'unheard-of', input_tokens: 10, output_tokens: 1 },
  ];
  await post(server, [
    call('sent', { cost: 0.25 }),
    call('free', { cost: 0 }),
    call('unknown', {}),
    call('turn', { calls, call_count: 2 }),
  ]);
  await post(server, [failed, inner], {}, 'publish_events');
  const rows = readCsv(await (await fetch(`${server.url}/api/export?format=csv`)).text());
  expect(rows.map((row) => [row['cost'], row['priced_calls'], row['unpriced_calls']])).toEqual([
    ['0.25', '1', '0'],
    ['0', '1', '0'],
    ['', '0', '1'],
    ['0.0035', '1', '1'],
    ['', '', ''],
    ['', '', ''],
  ]);
  const { cost } = await getJson<{ cost: number }>(server, '/api/stats');
  expect(cost).toBeCloseTo(
    rows.reduce((sum, row) => sum + Number(row['cost']), 0),
    9,
  );
});

test('an exported table has evaluations in columns of their own, with the record and in their own rows', async () => {
  const server = await useServer();
  await post(server, [prompt({ properties: { $event_id: 'r' } })]);
  const event = (name: string, properties: object) => ({
    user_id: 'judge',
    event: name,
    properties: { record_id: 'r', ...properties },
  });
  await post(
    server,
    [
      event('User feedback', { score: 1, comment: 'Nice' }),
      event('Evaluation', { name: 'faithfulness', score: '0.1', label: 'fail', reason: 'It invents' }),
      event('gen_ai.evaluation.result', { metric: 'tone', score: 0.9 }),
    ],
    {},
    'publish_events',
  );
  const rows = readCsv(await (await fetch(`${server.url}/api/export?format=csv`)).text());
  const columns = ['feedback', 'feedback_score', 'feedback_comment', 'evaluations', 'evaluation_explanation'];
  expect(rows.map((row) => columns.map((name) => row[name]))).toEqual([
    ['positive', '1', 'Nice', 'faithfulness 0.1 fail; tone 0.9', 'It invents'],
    ['positive', '1', 'Nice', '', ''],
    ['', '', '', 'faithfulness 0.1 fail', 'It invents'],
    ['', '', '', 'tone 0.9', ''],
  ]);
});

test('an exported table has no cell that Excel would spill over into the next rows', async () => {
  const server = await useServer();
  await post(server, [
    prompt({ prompt: `${'a'.repeat(32_759)}👍`.repeat(2), generation: 'b'.repeat(32_767) }),
  ]);
  const [row] = readCsv(await (await fetch(`${server.url}/api/export?format=csv`)).text());
  expect(row?.['prompt']).toBe(`${'a'.repeat(32_759)}… (cut)`);
  expect(row?.['generation']).toBe('b'.repeat(32_767));
});

test('every answer leaves internal traffic out and counts it, and a switch shows it', async () => {
  const server = await useServer();
  const at = (id: string, fields: Record<string, unknown>, properties: Record<string, unknown> = {}) =>
    prompt({ thread_id: `t-${id}`, ...fields, properties: { $event_id: id, ...properties } });
  await post(server, [
    at('real', { user_id: 'ada' }),
    at('test', { user_id: 'ci' }, { environment: 'test' }),
    at('own', { user_id: 'ada' }, { tags: ['internal'] }),
  ]);
  const counts = async (query: string): Promise<unknown[]> => [
    (await getJson<RecordList>(server, `/api/records?${query}`)).total,
    (await getJson<{ total: number }>(server, `/api/users?${query}`)).total,
    (await getJson<{ total: number }>(server, `/api/threads?${query}`)).total,
    (await getJson<Statistics>(server, `/api/stats?${query}`)).prompts,
    (await (await fetch(`${server.url}/api/export?${query}`)).text()).split('\n').length - 1,
  ];
  expect(await counts('')).toEqual([1, 1, 1, 1, 1]);
  expect(await counts('internal=only')).toEqual([2, 2, 2, 2, 2]);
  expect(await counts('internal=show')).toEqual([3, 2, 3, 3, 3]);
  expect(await getJson(server, '/api/internal')).toMatchObject({ records: 2, people: 2, isCapped: false });
  expect(await getJson(server, '/api/internal?user=ada&internal=show')).toMatchObject({
    records: 1,
    people: 1,
  });
  // What a person asks for is everything about them.
  const ofAda = async (query: string): Promise<string> =>
    (await fetch(`${server.url}/api/export?user=ada${query}`)).text();
  expect((await ofAda('')).split('\n').length - 1).toBe(2);
  expect((await ofAda('&internal=hide')).split('\n').length - 1).toBe(1);
});

test('segments are listed with their filters, and one that is not there is a bad request', async () => {
  const store = new MemoryStore();
  const server = await useServer({ store });
  const put = (name: string, filters: unknown) =>
    store.documents.put({ kind: 'segment', name, value: { filters } as never });
  await put('pro', ['prop.plan=pro']);
  await put('broken', 'x');
  expect(await getJson(server, '/api/segments')).toMatchObject({
    segments: [
      { name: 'broken', filters: [], problem: expect.any(String) },
      { name: 'pro', filters: ['prop.plan=pro'] },
    ],
  });
  for (const route of ['records', 'users', 'threads', 'stats', 'export', 'internal'])
    expect((await fetch(`${server.url}/api/${route}?segment=gone`)).status).toBe(400);
});

/** Routes whose answers are about documents, requests or single records, and which no segment narrows. */
const WITHOUT_RECORDS: ReadonlySet<string> = new Set([
  '/api/alerts',
  '/api/alerts/preview',
  '/api/audit',
  '/api/datasets',
  '/api/datasets/:name',
  '/api/datasets/:name/export',
  '/api/erasure',
  '/api/explain',
  '/api/intake',
  '/api/labels',
  // A stream goes on for its other queries.
  '/api/live',
  '/api/records/',
  '/api/records/:id',
  '/api/rejections',
  '/api/segments',
]);

test('every answer about records is narrowed by segments, and knows what is internal', async () => {
  const server = await useServer();
  const parameters = 'user=ada&measure=prompts&since=7d';
  const routes = Object.keys(ROUTE_CONTENTS).filter((route) => !WITHOUT_RECORDS.has(route));
  expect(routes.length).toBeGreaterThan(13);
  for (const route of routes)
    for (const wrong of ['segment=gone', 'not.segment=gone', 'internal=maybe', 'topic=gone']) {
      // It counts internal traffic, whether that is shown or not.
      if (route === '/api/internal' && wrong.startsWith('internal')) continue;
      const response = await fetch(`${server.url}${route}?${parameters}&${wrong}`);
      expect([route, wrong, response.status]).toEqual([route, wrong, 400]);
    }
});
