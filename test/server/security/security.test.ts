import { request } from 'node:http';
import { expect, test } from 'vitest';
import { createServer, startServer, type RunningServer } from '../../../src/server/index.js';
import { post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';

/** `fetch` does not let `Host` and `Origin` be set. */
function send(
  server: RunningServer,
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]> }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${server.url}${path}`, { method, headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}

const ROUTES = ['/', '/page.js', '/api/records', '/api/live', '/api/stats', '/api/export'];

test.each(ROUTES)('the route %s is refused under a name that was rebound to this machine', async (path) => {
  const server = await useServer();
  for (const host of [
    'evil.example',
    `127.0.0.1.evil.example:${server.port}`,
    `localhost.evil.example:${server.port}`,
    'localhost.',
  ])
    expect([host, (await send(server, path, { host })).status]).toEqual([host, 403]);
});

test.each(['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'])(
  'requests to the host %s are answered',
  async (name) => {
    const server = await useServer();
    expect((await send(server, '/api/records', { host: `${name}:${server.port}` })).status).toBe(200);
  },
);

test('another host can be allowed by an option', async () => {
  const server = await useServer({ allowedHosts: ['host.docker.internal'] });
  expect((await send(server, '/api/records', { host: 'host.docker.internal:80' })).status).toBe(200);
});

test.each([
  'https://evil.example',
  'http://127.0.0.1.evil.example',
  'null',
  'file://',
  'http://localhost@evil.example',
])('requests from the origin %s are refused', async (origin) => {
  const server = await useServer();
  expect((await send(server, '/api/records', { origin }, 'DELETE')).status).toBe(403);
  expect((await send(server, '/api/ingestion/publish_events', { origin }, 'OPTIONS')).status).toBe(403);
});

test('cross-site requests are refused, but links to the page are not', async () => {
  const server = await useServer();
  const crossSite = { 'sec-fetch-site': 'cross-site' };
  expect((await send(server, '/api/records', crossSite)).status).toBe(403);
  expect((await send(server, '/api/export', { ...crossSite, 'sec-fetch-mode': 'navigate' })).status).toBe(
    403,
  );
  expect((await send(server, '/', { ...crossSite, 'sec-fetch-mode': 'navigate' })).status).not.toBe(403);
});

test('an application in a browser on this machine may post, and read nothing else', async () => {
  const server = await useServer();
  const origin = 'http://localhost:3000';
  const asks = { origin, 'access-control-request-method': 'POST', 'sec-fetch-site': 'cross-site' };
  const preflight = await send(server, '/api/ingestion/publish_llm_events', asks, 'OPTIONS');
  expect(preflight.status).toBe(204);
  expect(preflight.headers['access-control-allow-origin']).toBe(origin);
  expect(preflight.headers['access-control-allow-headers']).toContain('x-api-key');
  const read = await send(server, '/api/records', { origin });
  expect(read.headers['access-control-allow-origin']).toBeUndefined();
});

test('content types that a form can send to another origin are refused', async () => {
  const server = await useServer();
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
    expect((await post(server, [prompt()], { 'content-type': type })).status).toBe(415);
  expect((await post(server, [prompt()], { 'content-type': 'Application/JSON; charset=utf-8' })).status).toBe(
    200,
  );
});

test('an ingestion request of more than 5 MB is refused', async () => {
  const server = await useServer();
  const answer = await post(server, [prompt({ prompt: 'x'.repeat(5 * 1024 * 1024) })]);
  expect([answer.status, await answer.json()]).toEqual([413, { detail: expect.stringContaining('larger') }]);
});

test('every response forbids inline code, frames and sniffing', async () => {
  const server = await useServer();
  for (const path of ['/', '/api/records', '/nothing']) {
    const { headers } = await fetch(`${server.url}${path}`);
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  }
});

test('a server cannot be opened to other machines without a token', async () => {
  await expect(startServer({ port: 0, host: '0.0.0.0' })).rejects.toThrow(/give a token/);
  expect(() => createServer({ anyAddress: true })).toThrow(/token/);
});

test('with a token, every route but ingestion requires it', async () => {
  const server = await useServer({ host: '0.0.0.0', token: 's3cret' });
  const status = async (path: string, headers: Record<string, string> = {}): Promise<number> =>
    (await fetch(`${server.url}${path}`, { headers, redirect: 'manual' })).status;
  for (const path of ROUTES) expect([path, await status(path)]).toEqual([path, 401]);
  expect(await status('/api/records', { authorization: 'Bearer s3cret' })).toBe(200);
  expect(await status('/api/records', { authorization: 'Bearer wrong' })).toBe(401);
  expect((await post(server, [prompt()])).status).toBe(401);
  expect((await post(server, [prompt()], { 'x-api-key': 's3cret' })).status).toBe(200);
});

test('a browser turns the token in the address into a cookie that scripts cannot read', async () => {
  const server = await useServer({ host: '0.0.0.0', token: 's3cret' });
  const answer = await fetch(`${server.url}/overview?token=s3cret&user=ada`, { redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([302, '/overview?user=ada']);
  const cookie = answer.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/HttpOnly/);
  const inside = await fetch(`${server.url}/api/records`, {
    headers: { cookie: cookie.split(';')[0] ?? '' },
  });
  expect(inside.status).toBe(200);
});

test('a server on the network answers under addresses, not under foreign names', async () => {
  const server = await useServer({ host: '0.0.0.0', token: 't' });
  const authorization = 'Bearer t';
  expect((await send(server, '/api/stats', { host: '192.168.1.9:80', authorization })).status).toBe(200);
  expect((await send(server, '/api/stats', { host: 'evil.example', authorization })).status).toBe(403);
});
