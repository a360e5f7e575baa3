// Runs what a bundler has built, in Node.js or in a real Chromium, and compares the records that arrive.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

/** Root of the install. */
export const folder = fileURLToPath(new URL('../..', import.meta.url));
export const NODE_APP = join(folder, 'test/apps/node.mjs');
export const PAGE_APP = join(folder, 'test/apps/page.mjs');

/** Returns a new folder, away from all packages: a bundle has to hold what it needs. */
export function outFolder() {
  const created = mkdtempSync(join(tmpdir(), 'trubrics-bundle-'));
  after(() => rmSync(created, { recursive: true, force: true }));
  return created;
}

/** Starts a server for the files of a folder, and for the ingestion API. */
export async function serve(files) {
  const records = [];
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        records.push(...JSON.parse(body));
        response.end('{}');
      });
      return;
    }
    const path = normalize(new URL(request.url, 'http://x').pathname);
    const name = path === '/' || files === undefined ? undefined : join(files, path);
    try {
      response.setHeader('content-type', name ? 'text/javascript' : 'text/html');
      response.end(name ? readFileSync(name) : `<script type="module" src="/page.js"></script>`);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => new Promise((resolve) => server.close(resolve).closeAllConnections());
  return { records, port: server.address().port, stop };
}

const summary = (records) =>
  records.map((record) => `${record.user_id}: ${record.prompt}: ${record.generation}`).sort();
const expected = (prompts) => prompts.map((prompt) => `ada: ${prompt}: Rome.`);

/** Runs a bundle with Node.js: each component has to deliver its record. */
export async function assertRunsInNode(file) {
  const server = await serve();
  const child = spawn(process.execPath, [file, `http://127.0.0.1:${server.port}`, outFolder()], {
    cwd: outFolder(),
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => child.on('close', resolve));
  await server.stop();
  assert.equal(code, 0, output);
  assert.deepEqual(
    summary(server.records),
    expected(['client', 'exporter', 'processor', 'standalone']),
    output,
  );
}

/** Opens a page whose script is `page.js` of the folder, and passes it to `use`. Fails if the page has an error. */
export async function withPage(files, use, host = '127.0.0.1') {
  const server = await serve(files);
  const browser = await chromium.launch({
    executablePath: process.env.TRUBRICS_CHROMIUM,
    // `.test` is a name that is no secure context.
    args: ['--no-sandbox', '--host-resolver-rules=MAP *.test 127.0.0.1'],
  });
  try {
    const page = await browser.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(error));
    await page.goto(`http://${host}:${server.port}/`);
    await page
      .waitForFunction('globalThis.askAll !== undefined', undefined, { timeout: 30_000 })
      .catch((error) => {
        throw errors[0] ?? error;
      });
    await use(page, server.records);
    assert.deepEqual(errors, []);
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** Opens a bundle in Chromium: each component has to deliver its record. */
export async function assertRunsInBrowser(files, host) {
  await withPage(
    files,
    async (page, records) => {
      await page.evaluate('askAll()');
      assert.deepEqual(summary(records), expected(['client', 'processor', 'standalone']));
    },
    host,
  );
}
