import { describe, expect, test, beforeAll, afterAll, vi } from 'vitest';
import { buildCli, run, type Run } from '../../../cli/helpers.js';
import { eventually } from '../../../support/eventually.js';
import { prompt } from '../../../support/server-requests.js';
import { chdbFolder, useClickHouse } from '../../../support/use-clickhouse.js';

const ENVIRONMENT = {
  TRUBRICS_SERVER_KEYS: 'shop=k1,docs=k2',
  TRUBRICS_SERVER_TOKENS: 'shop=reader,*:delete=admin',
};

interface Serve extends Run {
  readonly url: string;
}

/** Waits for an event of the log. Returns its fields. */
function logged(serve: Run, event: string): Promise<Record<string, unknown>> {
  return vi.waitFor(
    () => {
      const lines = serve.output().stdout.split('\n');
      const line = lines.find((text) => text.includes(`"event":"${event}"`));
      if (line === undefined) throw new Error(`Not logged: ${event} in ${JSON.stringify(serve.output())}`);
      return JSON.parse(line) as Record<string, unknown>;
    },
    { timeout: 60_000 },
  );
}

function publish(url: string, key: string, records: readonly unknown[]): Promise<Response> {
  return fetch(`${url}/api/ingestion/publish_llm_events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify(records),
  });
}

function read(url: string, path: string, token = 'admin', method = 'GET'): Promise<Response> {
  return fetch(url + path, { method, headers: { authorization: `Bearer ${token}` } });
}

describe.skipIf(chdbFolder === undefined)('servers over one ClickHouse', () => {
  const clickHouse = useClickHouse();
  let cli: Awaited<ReturnType<typeof buildCli>>;
  beforeAll(async () => {
    cli = await buildCli();
  });
  afterAll(() => cli.remove());

  async function startServe(store: string): Promise<Serve> {
    const serve = run(cli.file, ['serve', '--port', '0', '--store', store], ENVIRONMENT);
    const { url } = await logged(serve, 'started');
    await logged(serve, 'ready');
    return { ...serve, url: String(url) };
  }

  test('migrate prepares the database once, and says so', { timeout: 120_000 }, async () => {
    const store = await clickHouse.createDatabase();
    const migrate = () => run(cli.file, ['migrate', '--store', store]).ended;
    expect(await migrate()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('applied migration 1 ('),
    });
    expect(await migrate()).toMatchObject({ code: 0, stdout: expect.stringMatching(/ is up to date\n$/) });
  });

  test('a database that does not exist is one line', { timeout: 120_000 }, async () => {
    const store = (await clickHouse.createDatabase()).replace(/\w+$/, 'no_such_database');
    const { code, stderr } = await run(cli.file, ['serve', '--port', '0', '--store', store]).ended;
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^[^\n]*no_such_database[^\n]*\n$/)]);
  });

  test(
    'two servers share projects, live pages and sessions, and one that ends has written what it took',
    { timeout: 180_000 },
    async () => {
      const store = await clickHouse.createDatabase();
      const [first, second] = await Promise.all([startServe(store), startServe(store)]);
      const entered = await fetch(`${first.url}/p/shop/?token=reader`, { redirect: 'manual' });
      const cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
      const live = await fetch(`${second.url}/p/shop/api/live`, { headers: { cookie } });
      expect(live.status).toBe(200);
      let seen = '';
      const reader = live.body?.pipeThrough(new TextDecoderStream()).getReader();
      const reading = (async () => {
        for (let next = await reader?.read(); next && !next.done; next = await reader?.read())
          seen += next.value;
      })().catch(() => undefined);

      const repeated = prompt({ prompt: 'sent to both', properties: { $event_id: 'one' } });
      for (const { url } of [first, second]) expect((await publish(url, 'k1', [repeated])).status).toBe(200);
      expect((await publish(second.url, 'k2', [prompt({ prompt: 'of the docs' })])).status).toBe(200);
      await eventually(() => expect(seen).toContain('sent to both'));
      for (const { url } of [first, second]) {
        expect(await (await read(url, '/p/shop/api/records')).json()).toMatchObject({ total: 1 });
        expect(await (await read(url, '/p/docs/api/records')).json()).toMatchObject({ total: 1 });
        expect((await read(url, '/p/docs/api/records', 'reader')).status).toBe(403);
        expect((await fetch(`${url}/readyz`)).status).toBe(200);
      }

      // Gathered for up to 200 ms: the signal comes while they wait.
      const sent = Promise.allSettled(
        Array.from({ length: 10 }, (_, i) => publish(first.url, 'k1', [prompt({ prompt: `last ${i}` })])),
      );
      await eventually(async () => {
        const metrics = await (await fetch(`${first.url}/metrics`)).text();
        expect(metrics).toMatch(
          /trubrics_bytes_in_flight [1-9]|publish_llm_events",status="200"} (?:[2-9]|1\d)/,
        );
      });
      first.child.kill('SIGTERM');
      // Those that came after the signal were not let in.
      const answers = (await sent).flatMap((one) => (one.status === 'fulfilled' ? [one.value.status] : []));
      expect(new Set(answers)).toEqual(new Set([200]));
      expect((await first.ended).code).toBe(0);
      expect(await logged(first, 'stopped')).toMatchObject({ isComplete: true, aborted: 0 });
      expect(await (await read(second.url, '/p/shop/api/records')).json()).toMatchObject({
        total: answers.length + 1,
      });

      const forgotten = await read(second.url, '/p/shop/api/records?user=ada', 'admin', 'DELETE');
      expect(await forgotten.json()).toMatchObject({ deleted: answers.length + 1 });
      await publish(second.url, 'k1', [repeated]);
      expect(await (await read(second.url, '/p/shop/api/records')).json()).toMatchObject({ total: 0 });
      expect(await logged(second, 'audit')).toMatchObject({ project: 'shop', action: 'forget_person' });
      await reader?.cancel();
      await reading;
      second.child.kill('SIGTERM');
      expect((await second.ended).code).toBe(0);
    },
  );
});
