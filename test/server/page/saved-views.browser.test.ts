import { describe, expect, test } from 'vitest';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { getJson, post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';

describe.skipIf(chromiumPath === undefined)('saved views', () => {
  const openPage = useBrowser();

  test('what is shown is saved under a name, can be the first screen, and can be deleted', async () => {
    const server = await useServer();
    await post(server, [prompt({ assistant_id: 'gpt' })]);
    const { page, problems } = await openPage(`${server.url}/explore?by=user&model=gpt`);
    const menu = page.locator('.menu[data-kind=views]');
    await menu.locator('summary').click();
    await menu.getByLabel('Name of the view').fill('Who asks gpt?');
    await page.keyboard.press('Enter');
    await menu.getByRole('link', { name: 'Who asks gpt?' }).waitFor();
    await menu.getByRole('button', { name: 'First screen: Who asks gpt?' }).click();
    await expectText(page, '.saved-view', /★/);
    expect(await axeViolations(page)).toEqual([]);
    const { documents } = await getJson<{ documents: unknown }>(server, '/api/documents/view');
    expect(documents).toMatchObject([
      { name: 'Who asks gpt?', value: { path: '/explore', query: 'by=user&model=gpt' } },
    ]);

    // An address that says what to show wins over the view.
    const { page: chosen } = await openPage(`${server.url}/?model=gpt`);
    await chosen.locator('.rows .row').first().waitFor();
    expect(new URL(chosen.url()).search).toBe('?model=gpt');
    const { page: other } = await openPage(server.url);
    await expectText(other, '.explore tbody', /ada/);
    expect(new URL(other.url()).pathname).toBe('/explore');
    await other.getByRole('link', { name: 'Prompts' }).click();
    await other.locator('.rows .row').first().waitFor();
    await other.locator('.menu[data-kind=views] summary').click();
    await other.getByRole('link', { name: 'Who asks gpt?' }).click();
    await expectText(other, '.explore tbody', /ada/);
    // Still open: the view has changed, not the page.
    await other.getByRole('button', { name: 'Delete view Who asks gpt?' }).click();
    await expectText(other, '.menu[data-kind=views]', /There is no view yet/);
    const { page: third } = await openPage(server.url);
    await third.locator('.rows .row').first().waitFor();
    expect(problems).toEqual([]);
  });
});
