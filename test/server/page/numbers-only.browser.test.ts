import { describe, expect, test } from 'vitest';
import { prompt } from '../../support/server-requests.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { useTeam } from '../../support/use-team.js';

describe.skipIf(chromiumPath === undefined)('a reader who may see numbers alone', () => {
  const openPage = useBrowser();

  test('gets the views with numbers, no link to a text, and no request that is refused', async () => {
    const team = await useTeam({ keys: 'shop=shop-key', tokens: 'shop:numbers=numbers' });
    await team.ready;
    const properties = { $event_id: 'one', error_type: 'Timeout' };
    await team.publish('shop-key', [prompt({ thread_id: 't', assistant_id: 'gpt', properties })]);
    const { page, problems } = await openPage(`${team.url}/p/shop/?token=numbers&record=one`);
    await expectText(page, '.answers', /1 person asked 1 time\./);
    expect(await page.locator('.answer').count()).toBe(4);
    const tabs = await page.locator('nav[aria-label=Views] a').allInnerTexts();
    expect(tabs).toEqual(['Summary', 'People', 'Overview', 'Explore', 'Alerts']);
    expect(await page.locator('input[type=search], a[download], .live').count()).toBe(0);
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('p');
    await page.keyboard.press('/');
    for (const view of ['People', 'Explore', 'Overview']) {
      await page.getByRole('link', { name: view, exact: true }).click();
      await expectText(
        page,
        'main',
        view === 'Overview' ? /Prompts\s*1\b.*Median latency/s : view === 'People' ? /ada/ : /gpt/,
      );
      const texts = await page.locator('main a:not([href*="/people"]):not([href*="/explore"])').count();
      expect([view, texts]).toEqual([view, 0]);
    }
    await page.goto(`${team.url}/p/shop/people?user=ada`);
    await expectText(page, '.person-name', /ada/);
    expect(await page.locator('a[download]').count()).toBe(0);
    expect(problems).toEqual([]);
  });
});
