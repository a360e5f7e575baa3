import { expect, test } from 'vitest';
import { MemoryStore, type RecordStore } from '../../../src/server/index.js';
import { ClickHouseError } from '../../../src/server/engines/clickhouse/client/clickhouse-client.js';
import { BadQueryError } from '../../../src/server/query/parse-query.js';
import { eventually } from '../../support/eventually.js';
import { prompt } from '../../support/server-requests.js';
import { useTeam, type TestTeam } from '../../support/use-team.js';
import { spanRequest } from './span-request.js';

/** Reads a metric by its name and labels as they are written. */
async function metric(team: TestTeam, series: string): Promise<number | undefined> {
  const text = await (await fetch(`${team.url}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** A store whose methods fail as long as `failure` is set. */
function breakable(): { readonly store: RecordStore; failure: Error | undefined } {
  const memory = new MemoryStore();
  const state: { readonly store: RecordStore; failure: Error | undefined } = {
    failure: undefined,
    store: new Proxy<RecordStore>(memory, {
      get(target, name) {
        if (state.failure && ['put', 'get', 'list', 'documents'].includes(String(name))) {
          const fail = (): Promise<never> => Promise.reject(state.failure);
          return name === 'documents' ? { get: fail, put: fail, list: fail, delete: fail } : fail;
        }
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    }),
  };
  return state;
}

const UNREACHABLE = new ClickHouseError('ClickHouse at db:8123 cannot be reached', undefined, {
  cause: new TypeError('fetch failed', {
    cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
  }),
});

test('a server whose engine is gone is healthy, not ready, and tells senders to come again', async () => {
  const engine = breakable();
  const team = await useTeam({ keys: 'shop=shop-key', openStore: () => Promise.resolve(engine.store) });
  await team.ready;
  expect((await fetch(`${team.url}/readyz`)).status).toBe(200);
  engine.failure = UNREACHABLE;
  const sent = await team.publish('shop-key', [prompt()]);
  expect([sent.status, sent.headers.get('retry-after')]).toEqual([503, '5']);
  await eventually(async () => {
    const ready = await fetch(`${team.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'unavailable', reason: 'the database cannot be reached (ECONNREFUSED)' },
    ]);
  });
  expect((await fetch(`${team.url}/healthz`)).status).toBe(200);
  expect(await metric(team, 'trubrics_store_outage{project="shop"}')).toBe(1);
  engine.failure = undefined;
  expect((await team.publish('shop-key', [prompt()])).status).toBe(200);
  await eventually(async () => expect((await fetch(`${team.url}/readyz`)).status).toBe(200));
  expect(team.log.filter(({ event }) => event.startsWith('store_'))).toMatchObject([
    { level: 'error', event: 'store_outage', project: 'shop' },
    { level: 'info', event: 'store_recovered', project: 'shop' },
  ]);
});

test('an engine that does not answer at all makes a server not ready', async () => {
  const memory = new MemoryStore();
  const hanging = new Proxy<RecordStore>(memory, {
    get(target, name) {
      if (name === 'documents') return { get: () => new Promise(() => undefined) };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const team = await useTeam({ keys: 'shop=k', openStore: () => Promise.resolve(hanging) });
  await team.ready;
  const ready = await fetch(`${team.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: 'unavailable', reason: 'the store does not answer' },
  ]);
});

test('a server that waits for its engine listens, says why, and serves when it is there', async () => {
  let isThere = false;
  const team = await useTeam({
    keys: 'shop=shop-key',
    isTransient: (error) => error === UNREACHABLE,
    openStore: () => (isThere ? Promise.resolve(new MemoryStore()) : Promise.reject(UNREACHABLE)),
  });
  await eventually(async () =>
    expect(await (await fetch(`${team.url}/readyz`)).json()).toEqual({
      status: 'starting',
      reason: 'waiting for the store: the database cannot be reached (ECONNREFUSED)',
    }),
  );
  isThere = true;
  await team.ready;
  expect((await fetch(`${team.url}/readyz`)).status).toBe(200);
  expect((await team.publish('shop-key', [prompt()])).status).toBe(200);
  expect(team.log.filter(({ event }) => event === 'store_not_ready')).toHaveLength(1);
});

test('an error that does not go away by itself ends the start', async () => {
  const wrong = new ClickHouseError('Authentication failed', 516);
  const team = await useTeam({ openStore: () => Promise.reject(wrong) });
  await expect(team.ready).rejects.toBe(wrong);
});

test('the metrics count what happens, by project, and hold neither contents nor keys', async () => {
  const team = await useTeam({ quota: 4 });
  await team.ready;
  await team.publish('shop-key', [prompt({ prompt: 'private words' }), prompt()]);
  await team.publish('shop-key', [{ user_id: 'ada', event: 'click' }], '/api/ingestion/publish_events');
  await spanRequest(team, { 'x-api-key': 'shop-key' }, 'one more');
  await team.publish('shop-key', [prompt()]);
  await team.publish('docs-key', [{}]);
  await team.publish('nobody', [prompt()]);
  await fetch(`${team.url}/traces`, { method: 'POST' });
  const live = await team.read('/p/shop/api/live');
  const count = (series: string): Promise<number | undefined> => metric(team, series);
  expect(await count('trubrics_records_total{project="shop",kind="prompt"}')).toBe(3);
  expect(await count('trubrics_records_total{project="shop",kind="event"}')).toBe(1);
  expect(await count('trubrics_refused_requests_total{project="shop",reason="quota"}')).toBe(1);
  expect(await count('trubrics_refused_requests_total{project="docs",reason="invalid"}')).toBe(1);
  expect(await count('trubrics_refused_requests_total{project="",reason="unauthorized"}')).toBe(1);
  expect(await count('trubrics_refused_requests_total{project="",reason="unknown_path"}')).toBe(1);
  expect(await count('trubrics_live_streams{project="shop"}')).toBe(1);
  expect(await count('trubrics_store_write_duration_seconds_count')).toBe(3);
  expect(await count('trubrics_join_traces{project="shop"}')).toBe(1);
  expect(await count('trubrics_join_traces_with_gaps{project="shop"}')).toBe(0);
  const ingestion = 'method="POST",route="/api/ingestion/publish_llm_events"';
  expect(await count(`trubrics_http_requests_total{${ingestion},status="200"}`)).toBe(1);
  expect(await count(`trubrics_http_requests_total{${ingestion},status="429"}`)).toBe(1);
  expect(await count('trubrics_http_requests_total{method="POST",route="other",status="404"}')).toBe(1);
  const text = await (await fetch(`${team.url}/metrics`)).text();
  for (const secret of ['private words', 'ada', 'shop-key', 'nobody', 'admin'])
    expect(text).not.toContain(secret);
  await live.body?.cancel();
});

test('the metrics are valid text of Prometheus: each series once, below its type', async () => {
  const team = await useTeam();
  await team.ready;
  await team.publish('shop-key', [prompt()]);
  const response = await fetch(`${team.url}/metrics`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await response.text();
  expect(text.endsWith('\n')).toBe(true);
  const seen = new Set<string>();
  let family = '';
  for (const line of text.trimEnd().split('\n')) {
    const [, name] = /^# (?:HELP|TYPE) ([a-z_][a-z0-9_]*) \S/.exec(line) ?? [];
    family = name ?? family;
    if (name !== undefined) continue;
    expect(line).toMatch(/^[a-z_][a-z0-9_]*(?:\{[a-z]+="[^"\n]*"(?:,[a-z]+="[^"\n]*")*\})? \d\S*$/);
    const series = line.slice(0, line.lastIndexOf(' '));
    expect(series.startsWith(family)).toBe(true);
    expect(seen.has(series)).toBe(false);
    seen.add(series);
  }
  expect(seen.size).toBeGreaterThan(30);
});

test('with a token for the metrics, nobody else reads them; probes need none', async () => {
  const team = await useTeam({ metricsToken: 'scrape' });
  await team.ready;
  expect((await fetch(`${team.url}/metrics`)).status).toBe(401);
  expect((await team.read('/metrics', 'admin')).status).toBe(401);
  expect((await team.read('/metrics', 'scrape')).status).toBe(200);
  expect((await fetch(`${team.url}/readyz`)).status).toBe(200);
});

test('errors of the engine are counted by operation, wrong queries are not', async () => {
  const engine = breakable();
  const team = await useTeam({ keys: 'shop=k', openStore: () => Promise.resolve(engine.store) });
  await team.ready;
  await team.read('/p/shop/api/records?before=nonsense');
  expect(await metric(team, 'trubrics_store_errors_total{operation="list"}')).toBeUndefined();
  engine.failure = new BadQueryError('wrong');
  await team.read('/p/shop/api/records?internal=show');
  expect(await metric(team, 'trubrics_store_errors_total{operation="list"}')).toBeUndefined();
  engine.failure = UNREACHABLE;
  const down = await team.read('/p/shop/api/records?internal=show');
  expect([down.status, await down.json()]).toEqual([
    503,
    { detail: 'The records cannot be read: the database cannot be reached (ECONNREFUSED)' },
  ]);
  expect(await metric(team, 'trubrics_store_errors_total{operation="list"}')).toBe(1);
});

test('a trace of which the parent went to another server is seen in the metrics', async () => {
  const team = await useTeam();
  await team.ready;
  await spanRequest(team, { 'x-api-key': 'shop-key' }, 'child', { parentSpanId: 'aaaaaaaaaaaaaaaa' });
  await spanRequest(team, { 'x-api-key': 'shop-key' }, 'root');
  expect(await metric(team, 'trubrics_join_traces{project="shop"}')).toBe(2);
  expect(await metric(team, 'trubrics_join_traces_with_gaps{project="shop"}')).toBe(1);
});

test('a sender that is refused again and again is a line of the log now and then, without its key', async () => {
  const team = await useTeam();
  await team.ready;
  for (let i = 0; i < 20; i++) await team.publish('a-wrong-key', [prompt({ prompt: 'private words' })]);
  const refused = team.log.filter(({ event }) => event === 'refused');
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(20);
  expect(refused[0]).toMatchObject({ reason: 'unauthorized', status: 401, requests: 1 });
  expect(JSON.stringify(team.log)).not.toMatch(/a-wrong-key|private words/);
});
