import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { VIEW_PATHS as VIEWS } from '../../../src/server/http/view-paths.js';
import { useServer } from '../../support/use-server.js';

test('a file of the page is sent as it is stored, compressed, to a client that takes gzip', async () => {
  const server = await useServer();
  for (const accepted of ['gzip', 'br, gzip;q=0.5', '*']) {
    const { headers, body } = await get(`${server.url}/page.js`, accepted);
    expect(headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': 'text/javascript; charset=utf-8',
      vary: 'accept-encoding',
    });
    expect(gunzipSync(body).toString()).toContain('/live-worker.js');
  }
});

test('a client that does not take gzip gets the same file in plain text', async () => {
  const server = await useServer();
  const { body: compressed } = await get(`${server.url}/page.css`, 'gzip');
  for (const accepted of [undefined, 'identity', 'br', 'gzip;q=0', '*, gzip;q=0.0']) {
    const { headers, body } = await get(`${server.url}/page.css`, accepted);
    expect(headers).not.toHaveProperty('content-encoding');
    expect(headers).toMatchObject({ 'content-type': 'text/css; charset=utf-8', vary: 'accept-encoding' });
    expect(body.equals(gunzipSync(compressed))).toBe(true);
  }
});

test('a part of the page, whose name holds the hash of its content, is kept for good, and its entry is not', async () => {
  const server = await useServer();
  const entry = await get(`${server.url}/page.js`, 'gzip');
  expect(entry.headers['cache-control']).toBe('no-cache');
  const [chunk] = /chunk-summary-view-[\w-]+\.js/.exec(gunzipSync(entry.body).toString()) ?? [];
  const { status, headers, body } = await get(`${server.url}/${chunk}`, 'gzip');
  expect([status, headers['cache-control'], headers['content-type']]).toEqual([
    200,
    'private, max-age=31536000, immutable',
    'text/javascript; charset=utf-8',
  ]);
  expect(gunzipSync(body).toString()).toContain('Did they get it done');
});

test('there is no file of the page under another name', async () => {
  const server = await useServer();
  for (const path of [
    '/page.js.gz',
    '/chunk-summary-view-0.js',
    '/%2e%2e%2fpage.js',
    '/index.html',
    '/nothing.js',
    '/toString',
  ])
    expect((await get(server.url + path, 'gzip')).status).toBe(404);
  expect((await get(`${server.url}/favicon.svg`, 'gzip')).headers['content-type']).toBe('image/svg+xml');
});

test('a view with a slash at its end leads to the view, with its filters, and to no other host', async () => {
  const server = await useServer();
  for (const view of VIEWS.filter((path) => path !== '/')) {
    const { status, redirected, url } = await fetch(`${server.url}${view}/?user=ada`);
    expect([status, redirected, url]).toEqual([200, true, `${server.url}${view}?user=ada`]);
  }
  const other = await fetch(`${server.url}//other.test/people/`, { redirect: 'manual' });
  expect(other.status).toBe(404);
});

/** Requests without the headers that `fetch` adds. */
function get(url: string, acceptEncoding: string | undefined) {
  return new Promise<{ status?: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }>(
    (resolve, reject) => {
      const headers = acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding };
      request(url, { headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const { statusCode: status, headers: received } = response;
          resolve({ ...(status && { status }), headers: received, body: Buffer.concat(chunks) });
        });
      })
        .on('error', reject)
        .end();
    },
  );
}
