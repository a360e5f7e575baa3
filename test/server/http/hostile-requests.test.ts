import { connect } from 'node:net';
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { createServer, startServer, type RunningServer } from '../../../src/server/index.js';
import { getJson, post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** Sends a request as it is written: `fetch` changes paths and headers. */
function send(
  server: RunningServer,
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}

test.each(['user=', 'kind=prompt&user=ada', 'usr=ada', 'limit=1', 'until=', 'x'])(
  'deleting all records with the parameter %s is refused',
  async (query) => {
    const server = await useServer();
    await post(server, [prompt()]);
    const answer = await send(server, 'DELETE', `/api/records?${query}`);
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining(query.split('=')[0] ?? '')]);
    expect(server.records()).toHaveLength(1);
    expect((await send(server, 'DELETE', '/api/records')).status).toBe(200);
    expect(server.records()).toEqual([]);
  },
);

test('40 HEAD requests of the live stream take no place of a reader', async () => {
  const server = await useServer();
  for (let at = 0; at < 40; at++) {
    const head = await send(server, 'HEAD', '/api/live');
    expect([head.status, head.headers['content-type']]).toEqual([
      200,
      expect.stringContaining('event-stream'),
    ]);
  }
  const reader = await fetch(`${server.url}/api/live`);
  expect(reader.status).toBe(200);
  await reader.body?.cancel();
});

test.each(['//evil.example/?token=s3cret', '/\\evil.example/?token=s3cret', '///evil.example/?token=s3cret'])(
  'the address %s with the right token leads to no other host',
  async (path) => {
    const server = await useServer({ token: 's3cret' });
    const { status, headers } = await send(server, 'GET', path);
    const location = String(headers['location'] ?? '/');
    expect(new URL(location, server.url).host).toBe(new URL(server.url).host);
    expect(path.startsWith('//') ? [302] : [302, 400]).toContain(status);
  },
);

test('the cookie of a server belongs to its port and does not hold the token', async () => {
  const [one, two] = [await useServer({ token: 's3cret' }), await useServer({ token: 'other' })];
  const cookieOf = async (server: RunningServer, token: string): Promise<string> =>
    String((await send(server, 'GET', `/?token=${token}`)).headers['set-cookie']).split(';')[0] ?? '';
  const cookies = [await cookieOf(one, 's3cret'), await cookieOf(two, 'other')];
  expect(cookies.join(' ')).not.toMatch(/s3cret|=other/);
  const cookie = cookies.join('; ');
  for (const server of [one, two])
    expect((await send(server, 'GET', '/api/records', { cookie })).status).toBe(200);
  const stolen = cookies[1]?.replace(String(two.port), String(one.port)) ?? '';
  expect((await send(one, 'GET', '/api/records', { cookie: stolen })).status).toBe(401);
});

test.each(['two words', 'zoë', 'line\nbreak', '\u0000', ' s3cret'])(
  'the token %j, which no header can carry, is refused at the start',
  async (token) => {
    expect(() => createServer({ token })).toThrow(/Option "token"/);
    expect(() => createServer({ apiKey: token })).toThrow(/Option "apiKey"/);
    await expect(startServer({ port: 0, token })).rejects.toThrow(TypeError);
  },
);

test.each([
  ['/v1/traces/', '/v1/traces'],
  ['//v1/traces', '/v1/traces'],
  ['/v1', '/v1/traces'],
  ['/', '/v1/traces'],
  ['/V1/Traces', '/v1/traces'],
  ['/v1/trace', '/v1/traces'],
  ['/v1/log', '/v1/logs'],
  ['/api/ingestion', '/api/ingestion/publish_llm_events'],
  ['/v1/traces/v1/traces', '/v1/traces'],
  ['/publish_llm_events', '/api/ingestion/publish_llm_events'],
  ['/api/ingestion/publish_events/', '/api/ingestion/publish_events'],
])('what is posted to %s is listed under Rejected with the path %s', async (path, right) => {
  for (const token of [undefined, 's3cret']) {
    const server = await useServer(token === undefined ? {} : { token });
    expect((await send(server, 'POST', path)).status).toBe(404);
    const headers = { authorization: `Bearer ${token}` };
    const { body } = await send(server, 'GET', '/api/rejections', headers);
    expect(JSON.parse(body)).toMatchObject({
      rejections: [{ path, status: 404, detail: expect.stringContaining(`send it to ${right}`) }],
    });
  }
});

test('what is posted to any other path is listed under Rejected with what to do', async () => {
  const server = await useServer();
  expect((await send(server, 'POST', '/v1/metrics')).status).toBe(404);
  expect((await send(server, 'POST', '/v1/profiles')).status).toBe(404);
  const { rejections } = await getJson<{ rejections: unknown[] }>(server, '/api/rejections');
  expect(rejections).toMatchObject([
    { path: '/v1/profiles', status: 404, detail: expect.stringContaining('spans to /v1/traces') },
    { path: '/v1/metrics', status: 404, detail: expect.stringContaining('OTEL_METRICS_EXPORTER=none') },
  ]);
});

test('an exporter that speaks HTTP/2 is listed under Rejected with what to set', async () => {
  const server = await useServer();
  await new Promise<void>((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));
    socket.on('error', () => undefined);
    socket.resume().on('close', () => resolve());
  });
  const { rejections } = await getJson<{ rejections: unknown[] }>(server, '/api/rejections');
  expect(rejections).toMatchObject([{ status: 400, detail: expect.stringContaining('http/protobuf') }]);
});

test.each(['.', '..', '%2e', 'a/b', 'ä ö', '?', '#'])(
  'a record with the id %s is read and deleted alone',
  async (id) => {
    const server = await useServer();
    await post(server, [prompt({ properties: { $event_id: id } }), prompt()]);
    const path = id.startsWith('.') ? `/api/records/?id=${id}` : `/api/records/${encodeURIComponent(id)}`;
    expect(JSON.parse((await send(server, 'GET', path)).body)).toMatchObject({ id });
    expect((await send(server, 'DELETE', path)).status).toBe(200);
    expect(server.records()).toHaveLength(1);
    expect((await send(server, 'DELETE', '/api/records/..')).status).toBe(404);
    expect((await send(server, 'DELETE', '/api/records/.')).status).toBe(404);
    expect(server.records()).toHaveLength(1);
  },
);

test.each(['127.0.0.2', '::1', '[::1]'])('a server can listen at the loopback address %s', async (host) => {
  const server = await useServer({ host });
  expect((await fetch(`${server.url}/api/records`)).status).toBe(200);
});

test.each([6000, 25, 10_080])('the port %d, which browsers block, is refused at the start', async (port) => {
  await expect(startServer({ port })).rejects.toThrow(/Option "port".*browsers do not block/);
});

test('headers of 32 kB are no error, headers of a megabyte are', async () => {
  const server = await useServer();
  const cookie = (size: number): Record<string, string> => ({ cookie: `other=${'x'.repeat(size)}` });
  expect((await send(server, 'GET', '/api/records', cookie(32 * 1024))).status).toBe(200);
  const refused = await send(server, 'GET', '/api/records', cookie(1024 * 1024)).catch(() => ({
    status: 431,
  }));
  expect(refused.status).toBe(431);
});

test('behind a proxy that rewrites Host, the allowed host may be the origin', async () => {
  const server = await useServer({ allowedHosts: ['trubrics.example'] });
  const headers = { host: `127.0.0.1:${server.port}`, 'sec-fetch-site': 'same-origin' };
  const status = async (origin: string): Promise<number> =>
    (await send(server, 'DELETE', '/api/records', { ...headers, origin })).status;
  expect(await status('https://trubrics.example')).toBe(200);
  expect(await status('https://trubrics.example.evil')).toBe(403);
});

test('below a base path, the page, its files, the API and the redirect have the right addresses', async () => {
  const server = await useServer({ basePath: '/tools/trubrics', token: 's3cret' });
  const authorization = 'Bearer s3cret';
  for (const prefix of ['/tools/trubrics', '']) {
    for (const path of ['/api/records', '/conversations', '/page.js'])
      expect([path, (await send(server, 'GET', prefix + path, { authorization })).status]).toEqual([
        path,
        200,
      ]);
    const { body } = await send(server, 'GET', `${prefix}/`, { authorization });
    expect(body).toContain('data-base="/tools/trubrics"');
    expect(body).toContain('src="/tools/trubrics/page.js"');
    expect(body).not.toMatch(/(?:href|src)="\/(?!tools)/);
    const { headers } = await send(server, 'GET', `${prefix}/people?token=s3cret`);
    expect(headers['location']).toBe('/tools/trubrics/people');
  }
  expect((await send(server, 'GET', '/tools/trubrics2/api/records', { authorization })).status).toBe(404);
});

test.each(['trubrics', '/trubrics/', '/a b', '/"', '//host'])('the base path %s is refused', (basePath) => {
  expect(() => createServer({ basePath })).toThrow(/Option "basePath"/);
});
