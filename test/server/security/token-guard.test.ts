import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { tokenGuard } from '../../../src/server/security/token-guard.js';

const TOKEN = 's3cret';

function guarded(basePath?: string, url = 'http://127.0.0.1:8080') {
  const app = new Hono();
  app.use(tokenGuard(TOKEN, ['/api/ingestion/', '/v1/'], basePath));
  app.all('*', (c) => c.text('inside'));
  return (path: string, headers: Record<string, string> = {}) => app.request(`${url}${path}`, { headers });
}

const BROWSER = { accept: 'text/html,application/xhtml+xml' };

test('the ingestion paths, and no others that begin alike, need no token', async () => {
  const get = guarded();
  const status = async (path: string): Promise<number> => (await get(path)).status;
  expect(await status('/api/ingestion/publish_events')).toBe(200);
  expect(await status('/v1/traces')).toBe(200);
  expect(await status('/api/ingestion-log')).toBe(401);
  expect(await status('/page/v1/traces')).toBe(401);
});

test('a program gives the token as a bearer, and nothing that looks like it is accepted', async () => {
  const get = guarded();
  const status = async (authorization: string): Promise<number> =>
    (await get('/api/records', { authorization })).status;
  expect(await status('Bearer s3cret')).toBe(200);
  expect(await status('bearer   s3cret')).toBe(200);
  for (const wrong of [
    'Bearer s3cre',
    'Bearer s3cret2',
    'Bearer ',
    's3cret',
    'Basic s3cret',
    'X Bearer s3cret',
  ])
    expect([wrong, await status(wrong)]).toEqual([wrong, 401]);
});

test('a browser with the token in its address gets a cookie, and is sent to the address without it', async () => {
  const get = guarded('/trubrics');
  const answer = await get('/overview?user=ada&token=s3cret', BROWSER);
  expect([answer.status, answer.headers.get('location')]).toEqual([302, '/trubrics/overview?user=ada']);
  const cookie = answer.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/^trubrics_session_8080=[\w-]+; Path=\/; HttpOnly; SameSite=Lax$/);
  expect(cookie).not.toContain(TOKEN);
  const [pair = ''] = cookie.split(';');
  expect((await get('/api/records', { cookie: pair })).status).toBe(200);
  expect((await get('/api/records', { cookie: `trubrics_session_8080=${TOKEN}` })).status).toBe(401);
  expect((await get('/api/records', { cookie: pair.replace('8080', '8081') })).status).toBe(401);
});

test('a path that begins with two slashes does not lead to another host', async () => {
  const answer = await guarded()('//evil.example/?token=s3cret', BROWSER);
  expect(answer.headers.get('location')).toBe('/evil.example/');
});

test('a request for data with the token in its address is answered, and sets the cookie', async () => {
  const answer = await guarded(undefined, 'http://trubrics.example')('/api/records?token=s3cret');
  expect([answer.status, await answer.text()]).toEqual([200, 'inside']);
  expect(answer.headers.get('set-cookie')).toContain('trubrics_session_default=');
});

test('the cookie goes over TLS alone if the browser came so', async () => {
  const cookie = async (headers: Record<string, string>) =>
    (await guarded()('/?token=s3cret', { ...BROWSER, ...headers })).headers.get('set-cookie');
  expect(await cookie({})).not.toContain('Secure');
  expect(await cookie({ 'x-forwarded-proto': 'https' })).toContain('Secure');
});

test('a wrong token in the address sets no cookie', async () => {
  const answer = await guarded()('/?token=wrong', BROWSER);
  expect(answer.status).toBe(401);
  expect(answer.headers.get('set-cookie')).toBeNull();
});

test('a person gets a page that says what to do, a program JSON', async () => {
  const get = guarded();
  const type = async (path: string, headers?: Record<string, string>) =>
    (await get(path, headers)).headers.get('content-type');
  expect(await type('/overview', BROWSER)).toContain('text/html');
  expect(await type('/overview')).toContain('application/json');
  expect(await type('/api/records', BROWSER)).toContain('application/json');
});
