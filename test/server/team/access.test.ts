import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { signInPage } from '../../../src/server/security/sign-in.js';
import { tokenDigest } from '../../../src/server/security/session.js';
import { parseCredentialsFile } from '../../../src/server/security/credentials/parse-file.js';
import { TrustedProxies } from '../../../src/server/security/trusted-proxies.js';
import { prompt } from '../../support/server-requests.js';
import { sharedStores, useTeam, type TestTeam } from '../../support/use-team.js';

test('who may read may not delete, in any way, unless the token says so', async () => {
  const team = await useTeam();
  await team.ready;
  await team.publish('shop-key', [prompt({ properties: { $event_id: 'kept' } })]);
  for (const path of ['records', 'records/kept', 'records/?id=kept', 'records?user=ada', 'views/x'])
    for (const at of [`/p/shop/api/${path}`, `/api/${path}`]) {
      const { status } = await team.read(at, 'shop-reader', { method: 'DELETE' });
      expect([at, status]).toEqual([at, 403]);
    }
  expect(await (await team.read('/p/shop/api/records')).json()).toMatchObject({ total: 1 });
  expect((await team.read('/p/shop/api/records', 'admin', { method: 'DELETE' })).status).toBe(200);
});

test('a key for writing reads nothing, and a token for reading writes nothing', async () => {
  const team = await useTeam();
  await team.ready;
  expect((await team.read('/p/shop/api/records', 'shop-key')).status).toBe(401);
  expect((await team.publish('shop-reader', [prompt()])).status).toBe(401);
  expect((await team.publish('admin', [prompt()])).status).toBe(401);
});

test('a session that one server began is valid on another, and ends with its token', async () => {
  const openStore = sharedStores();
  const [first, second] = [await useTeam({ openStore }), await useTeam({ openStore })];
  await Promise.all([first.ready, second.ready]);
  const entered = await fetch(`${first.url}/p/shop/people?token=shop-reader&user=ada`, {
    redirect: 'manual',
    headers: { 'x-forwarded-proto': 'https' },
  });
  expect([entered.status, entered.headers.get('location')]).toEqual([302, '/p/shop/people?user=ada']);
  const setCookie = entered.headers.get('set-cookie') ?? '';
  expect(setCookie).toMatch(/HttpOnly; Secure; SameSite=Lax$/);
  expect(setCookie).not.toContain('shop-reader');
  const headers = { cookie: setCookie.split(';')[0] ?? '' };
  const status = async (path: string, server = second): Promise<number> =>
    (await fetch(server.url + path, { headers })).status;
  expect(await status('/p/shop/api/records')).toBe(200);
  expect(await status('/p/docs/api/records')).toBe(403);
  second.register.replace({ keys: [], tokens: [], users: [] });
  expect(await status('/p/shop/api/records')).toBe(401);
  expect(await status('/p/shop/api/records', first)).toBe(200);
});

test('what is in the file of keys opens nothing: neither a hash nor the digest of a session', async () => {
  const team = await useTeam();
  await team.ready;
  const digest = tokenDigest('admin');
  for (const text of [digest.toString('hex'), digest.toString('base64url'), digest.toString('base64')]) {
    expect((await team.read('/api/projects', text)).status).toBe(401);
    const cookie = { cookie: `trubrics_session=${encodeURIComponent(text)}` };
    expect((await fetch(`${team.url}/api/projects`, { headers: cookie })).status).toBe(401);
  }
  const keyHash = createHash('sha256').update('shop-key').digest('hex');
  expect((await team.publish(keyHash, [prompt()])).status).toBe(401);
});

test('a person without a token is told what to do, a program gets JSON', async () => {
  const team = await useTeam();
  await team.ready;
  const page = await fetch(`${team.url}/p/shop/`, { headers: { accept: 'text/html' } });
  expect([page.status, await page.text()]).toEqual([
    401,
    expect.stringContaining('action="/p/shop/sign-in"'),
  ]);
  const api = await fetch(`${team.url}/p/shop/api/records`, { headers: { accept: 'text/html' } });
  expect([api.status, await api.json()]).toEqual([401, { detail: expect.stringContaining('Bearer') }]);
});

test('users of a trusted proxy read, and those who are named delete or edit', async () => {
  const proxies = new TrustedProxies(['127.0.0.0/8']);
  const team = await useTeam({
    tokens: '',
    userHeader: { name: 'x-forwarded-user', proxies, deleters: ['grace'], editors: ['joan'] },
  });
  await team.ready;
  const as = (user: string, method = 'GET', path = '/p/shop/api/records'): Promise<Response> =>
    fetch(team.url + path, { method, headers: { 'x-forwarded-user': user } });
  expect((await as('ada')).status).toBe(200);
  expect((await as('ada', 'DELETE')).status).toBe(403);
  expect((await as('grace', 'DELETE')).status).toBe(200);
  expect((await as('')).status).toBe(401);
  expect((await as(' ')).status).toBe(401);
  expect(await (await as('ada', 'GET', '/api/projects')).json()).toMatchObject({
    reader: { name: 'ada', access: 'proxy', mayDelete: false, mayEdit: false },
    projects: ['docs', 'shop'],
  });
  const document = '/p/shop/api/documents/view/mine';
  expect((await as('grace', 'DELETE', document)).status).toBe(403);
  expect((await as('joan', 'DELETE', document)).status).toBe(404);
  expect((await as('joan', 'DELETE')).status).toBe(403);
  const audit = await (await as('ada', 'GET', '/p/shop/api/audit')).json();
  expect(audit).toMatchObject({ entries: [{ by: { access: 'proxy', name: 'grace' } }] });
});

test('from another address than that of the proxy, the header means nothing and the request is refused', async () => {
  const proxies = new TrustedProxies(['10.0.0.0/8', 'fd00::/8']);
  const team = await useTeam({
    userHeader: { name: 'x-forwarded-user', proxies, deleters: ['grace'], editors: ['joan'] },
  });
  await team.ready;
  const headers = { 'x-forwarded-user': 'grace', 'x-forwarded-for': '10.0.0.1' };
  expect((await fetch(`${team.url}/p/shop/api/records`, { headers })).status).toBe(401);
  const withToken = { ...headers, authorization: 'Bearer shop-reader' };
  expect((await fetch(`${team.url}/p/shop/api/records`, { headers: withToken })).status).toBe(200);
  const remove = { method: 'DELETE', headers: withToken };
  expect((await fetch(`${team.url}/p/shop/api/records`, remove)).status).toBe(403);
});

test('users of the file of keys have the rights that it says, and others none', async () => {
  const proxies = new TrustedProxies(['127.0.0.1']);
  const team = await useTeam({
    tokens: '',
    userHeader: { name: 'x-user', proxies, deleters: [], editors: [] },
  });
  await team.ready;
  const { users } = parseCredentialsFile(
    JSON.stringify({
      users: [
        { user: 'ada', projects: ['shop'] },
        { user: 'grace', projects: '*', delete: true },
        { user: 'joan', projects: ['shop'], numbers: true },
      ],
    }),
  );
  team.register.replace({ ...team.register.credentials, users });
  const status = async (user: string, path: string, method = 'GET'): Promise<number> =>
    (await fetch(team.url + path, { method, headers: { 'x-user': user } })).status;
  expect(await status('ada', '/p/shop/api/records')).toBe(200);
  expect(await status('ada', '/p/docs/api/records')).toBe(403);
  expect(await status('ada', '/p/shop/api/records', 'DELETE')).toBe(403);
  expect(await status('grace', '/p/docs/api/records', 'DELETE')).toBe(200);
  expect(await status('mallory', '/p/shop/api/records')).toBe(401);
  expect(await status('joan', '/p/shop/api/records')).toBe(403);
  expect(await status('joan', '/p/shop/api/stats')).toBe(200);
});

test('of the users of a proxy, those who are not named to read see numbers alone', async () => {
  const proxies = new TrustedProxies(['127.0.0.1']);
  const team = await useTeam({
    tokens: '',
    userHeader: { name: 'x-user', proxies, deleters: [], editors: [], textReaders: ['ada'] },
  });
  await team.ready;
  const status = async (user: string, path: string): Promise<number> =>
    (await fetch(`${team.url}/p/shop/api/${path}`, { headers: { 'x-user': user } })).status;
  expect([await status('ada', 'records'), await status('grace', 'records')]).toEqual([200, 403]);
  expect([await status('ada', 'stats'), await status('grace', 'stats')]).toEqual([200, 200]);
});

test.each([
  [['10.0.0.0/8'], '10.200.3.4', true],
  [['10.0.0.0/8'], '11.0.0.1', false],
  [['10.0.0.0/8'], '::ffff:10.1.2.3', true],
  [['192.168.1.7'], '192.168.1.7', true],
  [['192.168.1.7'], '192.168.1.70', false],
  [['fd00::/8'], 'fd12::1', true],
  [['fd00::/8'], 'fe80::1%eth0', false],
  [['::1'], '::1', true],
  [['0.0.0.0/0'], '8.8.8.8', true],
  [['10.0.0.0/8'], undefined, false],
  [['10.0.0.0/8'], 'nonsense', false],
] as const)('of the proxies %j, the address %s is trusted: %s', (ranges, address, isTrusted) => {
  expect(new TrustedProxies(ranges).includes(address)).toBe(isTrusted);
});

test.each([
  '10.0.0.0/33',
  '10.0.0/8',
  'proxy.internal',
  '',
  '::1/129',
  '10.0.0.1/-1',
  '10.0.0.1/8/8',
  '10.0.0.1/',
])('the range "%s" of proxies is refused', (range) => {
  expect(() => new TrustedProxies([range])).toThrow(/no address or range/);
});

test('a page of another site cannot make the browser of a reader delete', async () => {
  const team = await useTeam();
  await team.ready;
  const headers = { authorization: 'Bearer admin', origin: 'https://evil.example' };
  const { status } = await fetch(`${team.url}/p/shop/api/records`, { method: 'DELETE', headers });
  expect(status).toBe(403);
});

function signIn(team: TestTeam, form: Record<string, string>, path = '/sign-in'): Promise<Response> {
  return fetch(team.url + path, { method: 'POST', redirect: 'manual', body: new URLSearchParams(form) });
}

test('the form of the sign-in page begins a session, and leads to where the person wanted to go', async () => {
  const team = await useTeam();
  await team.ready;
  const answer = await signIn(team, { token: ' shop-reader ', next: '/people?user=ada' }, '/p/shop/sign-in');
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/p/shop/people?user=ada']);
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  expect((await fetch(`${team.url}/p/shop/api/records`, { headers: { cookie } })).status).toBe(200);
});

test('a wrong token in the form is told, and no other body is read', async () => {
  const team = await useTeam();
  await team.ready;
  const wrong = await signIn(team, { token: 'wrong', next: '/"><script>alert(1)</script>' });
  expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null]);
  const page = await wrong.text();
  expect(page).toContain('This token is not known');
  expect(page).not.toContain('<script>');
  const twoParameters = await signIn(team, { token: 'wrong', next: '/people?user=a&copy=b' });
  expect(await twoParameters.text()).toContain('value="/people?user=a&amp;copy=b"');
  for (const body of ['{"token":"admin"}', new URLSearchParams({ token: 'x'.repeat(20_000) })]) {
    const refused = await fetch(`${team.url}/sign-in`, { method: 'POST', body, redirect: 'manual' });
    expect(refused.status).toBe(400);
  }
});

test.each([
  '//evil.example/',
  '/\\evil.example',
  '\\\\evil.example',
  'https://evil.example',
  '/\t/evil.example',
  '\t//evil.example',
  '/.//evil.example',
  '/x/..//evil.example',
  '/ /evil.example',
  '/überall?q=日本',
])('after signing in, nobody is led to another host: %j', async (next) => {
  const team = await useTeam();
  await team.ready;
  const { status, headers } = await signIn(team, { token: 'admin', next });
  const location = headers.get('location') ?? '';
  expect([status, new URL(location, team.url).origin]).toEqual([303, team.url]);
});

test('the form of the sign-in page shows where a person wanted to go as text', () => {
  const page = signInPage({ action: '/sign-in', next: '/"><script>', advice: '', isWrong: false });
  expect(page).not.toContain('"><script>');
});
