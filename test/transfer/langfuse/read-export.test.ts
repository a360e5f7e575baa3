import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { NewRecord } from '../../../src/server/model/stored-record.js';
import { feedbackOf } from '../../../src/server/model/feedback.js';
import { readLangfuseExport } from '../../../src/transfer/langfuse/read-export.js';
import { isSkip, type PlacedRecord } from '../../../src/transfer/formats/read-record.js';
import { shuffled } from '../../support/random-trace.js';
import { jsonLines, readContents } from '../../support/transfer-files.js';

const A = '5d84b08317daedeaaa2589c064b9f5b2';
const B = '7f10e2c1a8b94c0d8e6f5a4b3c2d1e0f';
const C = 'c0ffee00c0ffee00c0ffee00c0ffee00';
const E = '3f1d7a52-9c0e-4a8e-b7a4-0f6a1c2d3e4f';

/** The files of the page's exports to CSV are made of those to JSON. */
function fixture(name: string): string {
  const csv = /^(before-2026-)?(.*)\.csv$/.exec(name);
  if (csv) return csvOf(rowsOf(csv[2] ?? ''), csv[1] !== undefined);
  return readFileSync(new URL(`../../fixtures/langfuse-exports/${name}`, import.meta.url), 'utf8');
}

function fixtures(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, fixture(name)]));
}

function tally(reasons: readonly { readonly reason: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { reason } of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

/** The rows of a JSON export as the page writes them to CSV: texts as they are, or as JSON in versions before 2026. */
function csvOf(rows: readonly Record<string, unknown>[], isTextJson: boolean): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const textOf = (value: unknown): string => {
    if (value === undefined || value === null || value === '') return '';
    const isTime = typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);
    return typeof value === 'string' && !isTextJson && !isTime ? value : JSON.stringify(value);
  };
  return [names, ...rows.map((row) => names.map((name) => textOf(row[name])))]
    .map((cells) => `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`)
    .join('');
}

function rowsOf(name: string): readonly Record<string, unknown>[] {
  if (name === 'page-observations') return JSON.parse(fixture(`${name}.json`)) as Record<string, unknown>[];
  return fixture(`${name}.jsonl`)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const FORMS: readonly (readonly [name: string, files: readonly string[]])[] = [
  ['the export of the page', ['page-observations.json', 'page-traces.jsonl']],
  ['the export of the page to CSV', ['page-observations.csv', 'page-traces.csv']],
  ['the same before 2026', ['before-2026-page-traces.csv', 'before-2026-page-observations.csv']],
  ['traces of the API', ['api-traces.jsonl']],
  ['pages of the API', ['api-pages.jsonl']],
  ['the export to a blob storage', ['blob-scores.jsonl', 'blob-observations.jsonl', 'blob-traces.jsonl']],
];

/** What all forms say of the calls. */
const CALLS = [
  {
    kind: 'prompt',
    id: `${E}-e8a7c1f0-1111-4222-8333-444455556666`,
    userId: 'dave',
    threadId: 's-5',
    prompt: 'Once upon a time',
    generation: ' there was a span.',
    assistantId: 'gpt-3.5-turbo-instruct',
    latency: 2,
    timestamp: '2026-03-01T08:00:02.000Z',
  },
  {
    kind: 'prompt',
    id: `${A}-a000000000000002`,
    userId: 'ada',
    threadId: 's-1',
    prompt: 'Weather in Rome?',
    generation: 'get_weather({"city":"Rome"})',
    assistantId: 'gpt-4o-2024-08-06',
    latency: 1.5,
    timestamp: '2026-03-02T09:00:01.600Z',
    tags: ['beta', 'eu'],
    properties: expect.objectContaining({
      temperature: 0.2,
      max_tokens: 256,
      input_tokens: 50,
      output_tokens: 12,
      total_tokens: 62,
      environment: 'production',
      plan: 'pro',
      trace_id: A,
      span_id: 'a000000000000002',
      parent_span_id: 'a000000000000001',
    }),
  },
  {
    kind: 'prompt',
    id: `${A}-a000000000000004`,
    userId: 'ada',
    threadId: 's-1',
    prompt: 'Weather in Rome?',
    generation: 'Sunny, 24 °C.',
    latency: 1.5,
    tags: ['beta', 'eu'],
    properties: expect.objectContaining({
      input_tokens: 90,
      output_tokens: 20,
      total_tokens: 110,
      cache_read_tokens: 30,
      time_to_first_token: 0.4,
      streaming: true,
      prompt_template: 'weather',
      service_name: 'weather-bot',
    }),
  },
  {
    kind: 'event',
    id: `${B}-b000000000000001`,
    event: 'LLM error',
    userId: 'bob',
    properties: expect.objectContaining({
      error_type: 'RateLimitError',
      prompt: 'Tell me a joke',
      model: 'gpt-4o-mini',
    }),
  },
  {
    kind: 'prompt',
    id: `${C}-trace`,
    userId: 'carol',
    threadId: 's-3',
    prompt: 'Summarise the report',
    generation: 'It is short.',
    tags: ['batch'],
  },
];

function callsOf(records: readonly NewRecord[]): NewRecord[] {
  return records.filter((record) => record.kind === 'prompt' || record.event === 'LLM error');
}

test.each(FORMS)('%s becomes records, in the order of time', async (_name, files) => {
  const { records, skips } = await readContents(fixtures(...files));
  // The page's exports of observations do not have the session of their trace.
  expect(callsOf(records)).toMatchObject(CALLS);
  expect(records.map(({ timestamp }) => timestamp)).toEqual(
    records.map(({ timestamp }) => timestamp).toSorted(),
  );
  const { internal, no_content: noContent, no_call: noCall, ...others } = tally(skips);
  expect([internal, noContent, others]).toEqual([2, 1, {}]);
  expect(noCall).toBeGreaterThan(0);
});

test.each(FORMS)('scores of %s are feedback and evaluations of the right records', async (_name, files) => {
  const { records } = await readContents(fixtures(...files));
  const scores = records.filter((record) => record.kind === 'event' && record.event === 'Feedback');
  const about = (component: string): NewRecord | undefined =>
    scores.find(({ properties }) => (properties['name'] ?? properties['component']) === component);
  const thumbs = scores.map((record) => [record.properties['component'], feedbackOf(record)]);
  // A score of a trace is about its last answer, that of a tool about the agent's last answer as well.
  expect(about('user-feedback')?.properties).toMatchObject({ record_id: `${A}-a000000000000004`, score: 1 });
  expect(about('correctness')?.properties).toMatchObject({
    record_id: `${A}-a000000000000004`,
    score: 0.8,
    feedback_type: 'evaluation',
  });
  expect(about('tone')?.properties).toMatchObject({ label: 'friendly', feedback_type: 'evaluation' });
  expect(about('thumbs')).toMatchObject({
    userId: 'dave',
    properties: { record_id: `${E}-e8a7c1f0-1111-4222-8333-444455556666`, score: 0 },
  });
  expect(thumbs).toContainEqual(['user-feedback', 'positive']);
  expect(thumbs).toContainEqual(['thumbs', 'negative']);
});

test('what only some forms know is kept: the time of receipt, comments, authors and scores of sessions', async () => {
  const { records } = await readContents(fixtures('api-pages.jsonl'));
  const byId = new Map(records.map((record) => [record.id, record]));
  expect(byId.get(`${A}-a000000000000004`)).toMatchObject({ receivedAt: '2026-03-02T09:00:12.345Z' });
  expect(byId.get('sc-1')?.properties).toMatchObject({ comment: 'Thanks!', trace_id: A, source: 'api' });
  expect(byId.get('sc-3')?.properties).toMatchObject({ author: 'clu1' });
  expect(byId.get('sc-5')).toMatchObject({
    threadId: 's-3',
    properties: { score: 0.5, component: 'csat' },
  });
});

test('the four forms agree on the calls, whatever the order of their items', async () => {
  const [first, ...others] = await Promise.all(
    FORMS.map(async ([, files]) => callsOf((await readContents(fixtures(...files))).records)),
  );
  const withoutReceipt = (records: readonly NewRecord[] = []) =>
    records.map(({ receivedAt: _receivedAt, ...record }) => record);
  for (const other of others) expect(withoutReceipt(other)).toEqual(withoutReceipt(first));
  const lines = fixture('blob-observations.jsonl').trimEnd().split('\n');
  for (let seed = 1; seed <= 5; seed++) {
    const mixed = shuffled([...lines, ...fixture('blob-traces.jsonl').trimEnd().split('\n')], seed);
    const { records } = await readContents({ 'mixed.jsonl': mixed.join('\n') });
    expect(withoutReceipt(callsOf(records))).toEqual(withoutReceipt(first));
  }
});

test('many partitions give the same records as one', async () => {
  const items = async function* () {
    for (const name of ['blob-scores.jsonl', 'blob-observations.jsonl', 'blob-traces.jsonl'])
      yield fixture(name)
        .trimEnd()
        .split('\n')
        .map((text, at) => ({ place: { file: name, unit: 'line' as const, number: at + 1 }, text }));
  };
  const read = async (bytes: number) => {
    const all: PlacedRecord[] = [];
    const now = new Date('2026-11-29T00:00:00Z');
    for await (const chunk of readLangfuseExport({ items: items(), bytes, isCompressed: false }, now))
      all.push(...chunk);
    return all.filter(({ read: one }) => !isSkip(one));
  };
  const sorted = (all: readonly PlacedRecord[]) => all.map((one) => JSON.stringify(one)).toSorted();
  const divided = await read(2_000_000_000);
  expect(sorted(divided)).toEqual(sorted(await read(1_000)));
  const times = divided.map(({ read: one }) => (isSkip(one) ? '' : one.timestamp));
  expect(times).toEqual(times.toSorted());
});

test('observations without their traces are imported without users, and what is in no trace is named', async () => {
  const [row] = JSON.parse(fixture('page-observations.json')) as Record<string, unknown>[];
  const { userId: _userId, traceTags: _traceTags, ...unknown } = row ?? {};
  const { records, skips } = await readContents({
    'a.jsonl': jsonLines(
      { ...unknown, input: 'q', output: 'a' },
      { ...unknown, id: 'x', traceId: null },
      'no',
    ),
  });
  expect(records).toMatchObject([{ userId: 'anonymous', prompt: 'q', generation: 'a' }]);
  expect(tally(skips)).toEqual({ no_trace: 1, not_recognised: 1 });
});

test('an observation without an end has no latency, and happened when it began', async () => {
  const observation = {
    id: 'o',
    traceId: 't',
    type: 'GENERATION',
    startTime: '2026-03-01T08:00:00.000Z',
    endTime: null,
    input: 'q',
    output: 'a',
    model: 'm',
  };
  const { records } = await readContents({ 'a.jsonl': jsonLines(observation) });
  expect(records).toMatchObject([{ timestamp: '2026-03-01T08:00:00.000Z' }]);
  expect(records[0]).not.toHaveProperty('latency');
});

test('a circle of parents ends', async () => {
  const common = { traceId: 't', startTime: '2026-03-01T08:00:00.000Z', endTime: '2026-03-01T08:00:01.000Z' };
  const contents = jsonLines(
    { ...common, id: 'a', type: 'SPAN', parentObservationId: 'b' },
    { ...common, id: 'b', type: 'SPAN', parentObservationId: 'a' },
    { ...common, id: 'c', type: 'GENERATION', parentObservationId: 'a', input: 'q', output: 'a', model: 'm' },
    { id: 's', name: 'x', traceId: 't', observationId: 'b', value: 1, timestamp: common.endTime },
  );
  const { records } = await readContents({ 'a.jsonl': contents });
  expect(records.map(({ id }) => id)).toEqual(['t-c', 's']);
});

test('a list of texts as input is no score', async () => {
  const [row] = rowsOf('page-observations');
  const { records } = await readContents({
    'a.json': JSON.stringify([{ ...row, input: ['good'], output: [1] }]),
  });
  expect(records.filter(({ kind }) => kind === 'event')).toEqual(
    (await readContents({ 'a.json': JSON.stringify([row]) })).records.filter(({ kind }) => kind === 'event'),
  );
});

test('texts of a CSV that begin like JSON and are none, line breaks and quotes are kept', async () => {
  const header = 'id,type,traceId,startTime,endTime,name,model,input,output,userId\r\n';
  const cells = (...texts: readonly string[]) =>
    `${texts.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')}\r\n`;
  const time = '"2026-03-01T10:00:00.000Z"';
  const row = (id: string, input: string, output: string) =>
    cells(id, 'GENERATION', `trace-${id}`, time, time, 'call', 'gpt-4o', input, output, '12345');
  const contents = `\uFEFF${header}${row('1', '[sic] why?', 'two\nlines, "quoted"')}${row('2', '"Why" is what?', '42')}`;
  const { records, skips } = await readContents({ 'observations.csv': contents });
  expect(skips).toEqual([]);
  expect(records).toMatchObject([
    { userId: '12345', prompt: '[sic] why?', generation: 'two\nlines, "quoted"' },
    { prompt: '"Why" is what?', generation: '42' },
  ]);
});

test('a CSV of something else is not taken for an export of Langfuse', async () => {
  const { records, skips } = await readContents({ 'other.csv': 'id,name,value\n1,a,2\n' });
  expect([records, tally(skips)]).toEqual([[], { not_json: 2 }]);
});
