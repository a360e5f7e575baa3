import { describe, expect, test } from 'vitest';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';

describe.skipIf(chromiumPath === undefined)('views that are loaded when they are first used', () => {
  const openPage = useBrowser();

  test('a view loads its code once, when it is first shown or the pointer comes to its link, and no other', async () => {
    const server = await useServer();
    await post(server, [prompt({ thread_id: 't1' })]);
    const { page, problems } = await openPage('about:blank');
    const requested: string[] = [];
    page.on('request', (request) => {
      const [, chunk] = /chunk-(\w+)-/.exec(request.url()) ?? [];
      if (chunk !== undefined) requested.push(chunk);
    });
    await page.goto(server.url);
    await page.locator('.rows .row').waitFor();
    expect(requested.toSorted()).toEqual(['prompts', 'shared']);
    await page.getByRole('link', { name: 'Overview' }).hover();
    await expect.poll(() => requested.slice(2).toSorted()).toEqual(['overview', 'plot']);
    for (const name of ['Overview', 'Prompts', 'Overview']) {
      await page.getByRole('link', { name }).click();
      await expectText(page, 'main', name === 'Overview' ? 'Median latency' : 'What is a span?');
    }
    expect(requested).toHaveLength(4);
    expect(problems).toEqual([]);
  });

  test('a view whose code is gone after an update of the server says so, and a new load of the page shows it', async () => {
    const server = await useServer();
    await post(server, [prompt({ user_id: 'ada' }), prompt({ user_id: 'bob' })]);
    const { page } = await openPage(`${server.url}/?user=ada`);
    await page.locator('.rows .row').waitFor();
    await page.route('**/chunk-people-*', (route) => route.fulfill({ status: 404 }));
    await page.getByRole('link', { name: 'People' }).click();
    await expectText(
      page,
      '.message',
      /This view could not be loaded\. The server has probably been updated/,
    );
    expect(await axeViolations(page)).toEqual([]);
    // The others still work.
    await page.getByRole('link', { name: 'Prompts' }).click();
    await page.locator('.rows .row').waitFor();
    await page.getByRole('link', { name: 'People' }).click();
    await page.unroute('**/chunk-people-*');
    await page.getByRole('button', { name: 'Load the page again' }).click();
    await expectText(page, 'tbody', 'ada');
    expect(await page.locator('tbody tr').count()).toBe(1);
  });

  test('a view whose code could not be reached for a moment is shown when it is tried again, or when records arrive', async () => {
    const server = await useServer();
    await post(server, [prompt({ thread_id: 't1' })]);
    const { page } = await openPage(server.url);
    await expectText(page, '.live', 'Live');
    await page.locator('.rows .row').waitFor();
    const failThenReach = async (name: string, content: string, again: () => Promise<unknown>) => {
      await page.route('**/chunk-*', (route) => route.abort());
      await page.getByRole('link', { name }).click();
      await expectText(page, '.message', 'This view could not be loaded');
      await page.unroute('**/chunk-*');
      await expect
        .poll(async () => {
          await again();
          return page.locator(content).count();
        })
        .toBe(1);
    };
    const button = page.getByRole('button', { name: 'Try again' });
    await failThenReach(
      'Conversations',
      '.thread-list a',
      async () => (await button.count()) > 0 && button.click(),
    );
    await failThenReach('Rejected', 'h2:has-text("Nothing was refused")', () => post(server, [prompt({})]));
  });
});
