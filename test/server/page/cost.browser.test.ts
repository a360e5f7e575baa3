import { describe, expect, test } from 'vitest';
import { post, prompt } from '../../support/server-requests.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { useServer } from '../../support/use-server.js';

const call = (user_id: string, assistant_id: string, thread_id: string, input_tokens: number) =>
  prompt({
    user_id,
    assistant_id,
    thread_id,
    properties: { provider: 'openai', input_tokens, output_tokens: 0 },
  });

describe.runIf(chromiumPath)('what calls cost', () => {
  const openPage = useBrowser();

  test('the overview, people, conversations and a record say the cost, and how many calls have none', async () => {
    const server = await useServer();
    // 0.15 and 2.50 dollars for a million tokens.
    await post(server, [
      call('ada', 'gpt-4o-mini', 'cheap', 1_000),
      call('ada', 'gpt-4o', 'dear', 1_000_000),
      call('bob', 'house-model', 'unknown', 1_000),
    ]);
    const { page } = await openPage(`${server.url}/overview`);
    await expectText(page, '.tiles', '$2.50');
    await expectText(page, 'body', '+ 1 unpriced call, $1.25 a call of the 67 % with a price');
    await expectText(page, 'body', 'Cost is that of the recorded calls');
    await expectText(page, 'body', 'price table of 2026-');
    const card = page.locator('.card', { has: page.getByRole('heading', { name: 'Cost by model' }) });
    expect(await card.locator('li').allTextContents()).toEqual([
      'gpt-4o$2.50',
      'gpt-4o-mini$0.00015',
      'house-model1 unpriced call',
    ]);
    expect(await page.getByRole('img', { name: 'Cost. $2.50 + 1 unpriced call' }).count()).toBe(1);
    expect(await axeViolations(page)).toEqual([]);

    await page.goto(`${server.url}/people`);
    const costOf = (name: string) => page.getByRole('row', { name }).getByRole('cell').nth(4).textContent();
    await expectText(page, 'body', '1 unpriced call');
    expect([await costOf('ada'), await costOf('bob')]).toEqual(['$2.50', '1 unpriced call']);
    expect(await axeViolations(page)).toEqual([]);

    await page.goto(`${server.url}/conversations?order=cost`);
    await expectText(page, 'body', '$0.00015');
    expect(await page.locator('.thread-facts .number').allTextContents()).toEqual([
      expect.stringMatching(/^\$2\.50 · /),
      expect.stringMatching(/^\$0\.00015 · /),
      expect.stringMatching(/^1 unpriced call · /),
    ]);

    await page.locator('.thread-list li:first-child a').click();
    await expectText(page, '.thread-sums', '1 prompt · $2.50');
    await page.locator('.thread-list li:last-child a').click();
    await expectText(page, '.thread-sums', '1 prompt · 1 unpriced call');
    expect(await axeViolations(page)).toEqual([]);
    await page.goto(`${server.url}/conversations`);
    await expectText(page, '.thread-list', /1 prompt · \$0\.00015 · /);
    await expectText(page, '.thread-list', /1 prompt · (?!\$)/);

    await page.goto(`${server.url}/?model=gpt-4o-mini&record=${server.records()[0]?.id}`);
    await expectText(page, 'body', '$0.00015 by the table of 2026-');
  });

  test('an overview without a priced call has no plot of costs, and claims no 0', async () => {
    const server = await useServer();
    await post(server, [call('bob', 'house-model', 'unknown', 1_000)]);
    const { page } = await openPage(`${server.url}/overview`);
    await expectText(page, 'body', '1 unpriced call');
    expect(await page.getByRole('heading', { name: 'Cost', exact: true }).count()).toBe(0);
    expect(await page.locator('body').textContent()).not.toContain('$0');
  });
});
