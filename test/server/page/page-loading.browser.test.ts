import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  axeViolations,
  axeViolationsNow,
  chromiumPath,
  expectText,
  useBrowser,
} from '../../support/use-browser.js';
import { post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';

const FIRST_ROW = '.rows .row >> nth=0';
/** Views, the resource that each of them waits for, and what it shows once it has come. */
const VIEWS = [
  ['/', '**/api/records?*', '.rows .row'],
  ['/?record=r1', '**/api/records/r1', '.detail .facts'],
  ['/conversations', '**/api/threads?*', '.thread-list a'],
  ['/conversations?open=t1', '**/api/records?thread=t1*', '.chat li'],
  ['/people', '**/api/users?*', 'tbody tr'],
  ['/overview', '**/api/stats?*buckets=60*', '.tiles'],
  ['/rejected', '**/api/rejections?*', '.message h2'],
] as const;

const message = (page: Page) => page.locator('.message', { hasText: /did not work|Still loading/ });

async function useSeeded(options: Parameters<typeof useServer>[0] = {}) {
  const server = await useServer(options);
  const headers = options.token === undefined ? {} : { 'x-api-key': options.token };
  await post(server, [prompt({ thread_id: 't1', properties: { $event_id: 'r1' } })], headers);
  return server;
}

describe.skipIf(chromiumPath === undefined)('loading in the page', () => {
  const openPage = useBrowser();

  test.each(VIEWS)(
    'the view %s says that an answer is late, and gets it when it is asked again',
    async (path, resource, content) => {
      const server = await useSeeded();
      const { page } = await openPage('about:blank');
      let isHanging = true;
      await page.route(resource, (route) => (isHanging ? undefined : route.continue()));
      await page.goto(server.url + path);
      await expectText(page, '.live', 'Live');
      await expectText(page, '.message:has-text("Still loading")', 'The server has not answered yet.');
      expect(await axeViolationsNow(page)).toEqual([]);
      isHanging = false;
      await message(page).getByRole('button', { name: 'Try again' }).click();
      await page.locator(content).first().waitFor();
      expect(await message(page).count()).toBe(0);
    },
    30_000,
  );

  test.each(VIEWS)(
    'the view %s says that an answer is an error, and gets it when it is asked again',
    async (path, resource, content) => {
      const server = await useSeeded();
      const { page } = await openPage('about:blank');
      await page.route(resource, (route) =>
        route.fulfill({ status: 500, json: { detail: 'The disk is on fire.' } }),
      );
      await page.goto(server.url + path);
      await expectText(page, '.live', 'Live');
      await expectText(page, '.message:has-text("did not work")', 'The disk is on fire.');
      await page.unroute(resource);
      await message(page).getByRole('button', { name: 'Try again' }).click();
      await page.locator(content).first().waitFor();
    },
    30_000,
  );

  test.each(['/', '/conversations', '/people', '/overview'])(
    'the view %s says which filter is wrong, and offers to remove it',
    async (path) => {
      const server = await useSeeded();
      const { page } = await openPage(`${server.url}${path}?since=yesterday&user=ada`);
      await expectText(page, '.message', 'since must be an ISO 8601 time');
      await expectText(page, '.chip', 'from yesterday');
      expect(await axeViolations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Remove all filters' }).click();
      await expectText(page, 'main', /ada|What is a span/);
      expect(page.url()).toBe(`${server.url}${path}`);
    },
  );

  test('a page whose session was lost says so in every view, and goes on after a new login', async () => {
    const server = await useSeeded({ token: 's3cret' });
    const { page } = await openPage(`${server.url}/?token=s3cret`);
    await expectText(page, FIRST_ROW, 'What is a span?');
    await page.context().clearCookies();
    for (const view of ['Conversations', 'People', 'Overview', 'Rejected']) {
      await page.getByRole('link', { name: view }).click();
      await expectText(page, '.message', 'Token required: open the address that the server printed');
    }
    await page.getByRole('link', { name: 'Prompts' }).click();
    await page.locator(FIRST_ROW).click();
    await expectText(page, '.detail', 'Token required');
    const other = await page.context().newPage();
    await other.goto(`${server.url}/?token=s3cret`);
    await page.locator('.detail').getByRole('button', { name: 'Try again' }).click();
    await expectText(page, '.detail .facts', 'ada');
  });

  test('a view that is opened without the token says what to open instead', async () => {
    const server = await useSeeded({ token: 's3cret' });
    const { page } = await openPage(`${server.url}/people`);
    await expectText(page, 'h1', 'Token required');
    await expectText(page, 'body', 'Open the address that the server printed at its start');
    expect(await axeViolations(page)).toEqual([]);
    const api = await fetch(`${server.url}/api/records`, { headers: { accept: 'text/html' } });
    expect([api.status, api.headers.get('content-type')]).toEqual([401, 'application/json']);
  });

  test('a page whose server has gone says so in every view, and goes on when it is back', async () => {
    const server = await useSeeded();
    const { page } = await openPage(server.url);
    await expectText(page, FIRST_ROW, 'What is a span?');
    await server.close();
    await expectText(page, '.banner', 'What is shown may be out of date. The server cannot be reached.');
    expect(await axeViolations(page)).toEqual([]);
    for (const view of ['Conversations', 'People', 'Overview', 'Rejected']) {
      await page.getByRole('link', { name: view }).click();
      await expectText(page, '.message', 'The server cannot be reached.');
    }
    const second = await useServer({ port: server.port });
    await post(second, [prompt({ user_id: 'cleo' })]);
    await page.getByRole('link', { name: 'People' }).click();
    // It connects again by itself, after at most 10 s.
    await page.locator('.banner').waitFor({ state: 'detached', timeout: 15_000 });
    await expectText(page, 'tbody', 'cleo');
  }, 40_000);

  test('a list that cannot be completed says so, and is completed when it is asked again', async () => {
    const server = await useServer();
    for (let i = 0; i < 3; i++)
      await post(
        server,
        Array.from({ length: 100 }, (_, j) => prompt({ prompt: `p${i * 100 + j}` })),
      );
    const { page } = await openPage('about:blank');
    await page.route('**/api/records?*before=*', (route) => route.abort());
    await page.goto(server.url);
    await expectText(page, FIRST_ROW, 'p299');
    await page.locator('.rows').evaluate((rows) => rows.scrollTo(0, rows.scrollHeight));
    await expectText(page, '.banner', 'The list is not complete. The server cannot be reached.');
    await page.unroute('**/api/records?*before=*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => page.locator('.banner').count()).toBe(0);
    await page.locator('.rows').evaluate((rows) => rows.scrollTo(0, rows.scrollHeight));
    await expectText(page, '.rows .row:last-child', /\bp0\b/);
  });

  test.each([
    ['/', '**/api/records?*', '.rows .row'],
    ['/conversations?open=t1', '**/api/records?thread=t1*', '.chat .text'],
  ])(
    'the view %s loads although answers are slow and records keep arriving',
    async (path, resource, content) => {
      const server = await useSeeded();
      const { page } = await openPage('about:blank');
      await page.route(resource, async (route) => {
        const response = await route.fetch();
        await new Promise((resolve) => setTimeout(resolve, 1200));
        await route.fulfill({ response });
      });
      const over = new AbortController();
      const arriving = (async () => {
        const many = Array.from({ length: 100 }, () => prompt({ thread_id: 'other' }));
        // So many at once that the live stream sends a reset instead of them.
        while (!over.signal.aborted) {
          await Promise.all([post(server, many), post(server, many)]);
          await new Promise((resolve) => setTimeout(resolve, 150));
        }
      })();
      await page.goto(server.url + path);
      await page.locator(content).first().waitFor({ timeout: 18_000 });
      over.abort();
      await arriving;
      await post(server, [prompt({ prompt: 'the last', thread_id: 't1' })]);
      const last = page.locator(content, { hasText: 'the last' });
      await expect.poll(() => last.count()).toBe(1);
    },
    30_000,
  );

  test('a deletion that fails says so', async () => {
    const server = await useSeeded();
    const { page } = await openPage(`${server.url}/?record=r1`);
    const refuse = { status: 503, json: { detail: 'The disk is full.' } };
    await page.route('**/api/records*/**', (route) =>
      route.request().method() === 'DELETE' ? route.fulfill(refuse) : route.fallback(),
    );
    await page.route('**/api/records', (route) => route.fulfill(refuse));
    await page.getByRole('button', { name: 'Delete record' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await expectText(page, '.detail', 'It could not be deleted. The disk is full.');
    await page.getByText('More', { exact: true }).click();
    await page.getByRole('button', { name: 'Delete all records …' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await expectText(page, 'dialog', 'They could not be deleted. The disk is full.');
  });

  test('an answer of a login page in between is not taken for one of the server', async () => {
    const server = await useSeeded();
    const { page } = await openPage('about:blank');
    await page.route('**/api/users?*', (route) =>
      route.fulfill({ status: 200, contentType: 'text/html', body: '<h1>Sign in</h1>' }),
    );
    await page.goto(`${server.url}/people`);
    await expectText(page, '.message', 'Something between this page and the server answered.');
  });
});
