import { Hono } from 'hono';
import { expect, test } from 'vitest';
import {
  allowedHostNames,
  requestGuard,
  type GuardOptions,
} from '../../../src/server/security/request-guard.js';

const OPTIONS: GuardOptions = {
  allowedHosts: new Set(['trubrics.example']),
  anyAddress: false,
  ingestPaths: ['/api/ingestion/'],
};

/** The status with which a request is answered. */
function guarded(options: Partial<GuardOptions> = {}) {
  const app = new Hono();
  app.use(requestGuard({ ...OPTIONS, ...options }));
  app.all('*', (c) => c.text('inside'));
  return async (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<number> =>
    (await app.request(`http://127.0.0.1:8080${path}`, { method, headers })).status;
}

test.each([
  ['127.0.0.1:8080', 200],
  ['localhost:8080', 200],
  ['trubrics.example', 200],
  ['trubrics.example:443', 200],
  ['evil.example', 403],
  ['192.168.1.9:8080', 403],
  ['[2001:db8::1]:8080', 403],
  ['', 403],
])('a request to the host "%s" is answered with %i', async (host, status) => {
  expect(await guarded()('/api/records', { host })).toBe(status);
});

test.each([
  ['192.168.1.9:8080', 200],
  ['[2001:db8::1]:8080', 200],
  ['1.2.3.4.evil.example', 403],
  ['evil.1.2.3.4', 403],
  ['evil.example', 403],
])('with any address allowed, a request to the host "%s" is answered with %i', async (host, status) => {
  expect(await guarded({ anyAddress: true })('/api/records', { host })).toBe(status);
});

test('a request without the header is judged by its address', async () => {
  expect(await guarded()('/api/records')).toBe(200);
});

test.each([
  ['http://127.0.0.1:8080', '127.0.0.1:8080', 200],
  ['http://localhost:3000', '127.0.0.1:8080', 200],
  ['https://trubrics.example', '127.0.0.1:8080', 200],
  ['https://10.0.0.7:8443', '10.0.0.7:8443', 200],
  ['https://10.0.0.7:8443', '10.0.0.8:8443', 403],
  ['https://evil.example', '127.0.0.1:8080', 403],
  ['null', '127.0.0.1:8080', 403],
])('a request of a page of %s to %s is answered with %i', async (origin, host, status) => {
  expect(await guarded({ anyAddress: true })('/api/records', { origin, host })).toBe(status);
});

test('from another site a person may open a page, and an application on this machine may post', async () => {
  const send = guarded();
  const site = { 'sec-fetch-site': 'cross-site' };
  const navigation = { ...site, 'sec-fetch-mode': 'navigate' };
  expect(await send('/overview', navigation)).toBe(200);
  expect(await send('/overview', navigation, 'POST')).toBe(403);
  expect(await send('/api/export', navigation)).toBe(403);
  expect(await send('/page.js', { ...site, 'sec-fetch-mode': 'no-cors' })).toBe(403);
  const origin = 'http://localhost:3000';
  expect(await send('/api/ingestion/publish_events', { ...site, origin }, 'POST')).toBe(200);
  expect(await send('/api/ingestion/publish_events', site, 'POST')).toBe(403);
  expect(await send('/api/records', { ...site, origin }, 'DELETE')).toBe(403);
  expect(await send('/api/records', { 'sec-fetch-site': 'same-site' })).toBe(200);
});

test.each(['trubrics.example', 'Trubrics.Example', 'trubrics.example:8443', 'https://trubrics.example/page'])(
  'the allowed host %j is the name in it',
  (given) => {
    expect([...allowedHostNames([given])]).toEqual(['trubrics.example']);
  },
);

test.each(['', 'two words', 'https://', 'a/b', '*.example'])('the allowed host %j is refused', (given) => {
  expect(() => allowedHostNames(['trubrics.example', given])).toThrow(/Allowed host ".*" is no hostname/);
});
