import { describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { prompt } from '../../support/server-requests.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { sharedStores, useTeam } from '../../support/use-team.js';

describe.skipIf(chromiumPath === undefined)('the page of a server for teams', () => {
  const openPage = useBrowser();

  test('a reader of several projects switches between them, live, and the address carries the project', async () => {
    const team = await useTeam();
    await team.ready;
    await team.publish('docs-key', [prompt({ prompt: 'How do I install it?' })]);
    await team.publish('shop-key', [prompt({ prompt: 'Where is my parcel?', user_id: 'grace' })]);
    const { page, problems } = await openPage(`${team.url}/?token=admin`);
    await expectText(page, '.rows .row >> nth=0', 'How do I install it?');
    expect(new URL(page.url()).pathname).toBe('/p/docs/');
    await page.getByRole('combobox', { name: 'Project' }).selectOption('shop');
    await expectText(page, '.rows .row >> nth=0', 'Where is my parcel?');
    expect(new URL(page.url()).pathname).toBe('/p/shop/');
    await expectText(page, '.live', 'Live');
    await team.publish('shop-key', [prompt({ prompt: 'And my money?' })]);
    await expectText(page, '.rows .row >> nth=0', 'And my money?');
    await page.getByRole('link', { name: 'People' }).click();
    await expectText(page, 'main', 'grace');
    expect(new URL(page.url()).pathname).toBe('/p/shop/people');
    await page.getByRole('combobox', { name: 'Project' }).selectOption('docs');
    await page.waitForURL('**/p/docs/people');
    await page.goBack();
    await expectText(page, 'main', 'grace');
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
  });

  test('a person signs in with the token, after a wrong one, and comes to the page that was asked for', async () => {
    const team = await useTeam();
    await team.ready;
    await team.publish('shop-key', [prompt()]);
    const { page } = await openPage(`${team.url}/p/shop/people?user=ada`);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expectText(page, '[role=alert]', 'not known');
    expect(await axeViolations(page)).toEqual([]);
    await page.getByLabel('Token').fill('shop-reader');
    await page.keyboard.press('Enter');
    await expectText(page, '.person-bar', 'ada');
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/p/shop/people?user=ada');
  });

  test('a reader of one project sees its name and no choice, and nothing that deletes', async () => {
    const team = await useTeam();
    await team.ready;
    await team.publish('shop-key', [prompt()]);
    const { page, problems } = await openPage(`${team.url}/?token=shop-reader&user=ada`);
    await expectText(page, '.brand', 'shop');
    expect(await page.getByRole('combobox', { name: 'Project' }).count()).toBe(0);
    await page.locator('.rows .row').first().click();
    await expectText(page, '.detail', 'What is a span?');
    await page.getByText('More', { exact: true }).click();
    await page.getByRole('link', { name: 'JSON Lines' }).waitFor();
    for (const name of ['Delete all records …', 'Forget …', 'Delete record'])
      expect([name, await page.getByRole('button', { name }).count()]).toEqual([name, 0]);
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
  });

  test('who may delete can do so on the page', async () => {
    const team = await useTeam({ tokens: 'shop:delete=editor' });
    await team.ready;
    await team.publish('shop-key', [prompt()]);
    const { page } = await openPage(`${team.url}/?token=editor`);
    await page.locator('.rows .row').first().click();
    await page.getByRole('button', { name: 'Delete record' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await expectText(page, '.filters [role=status]', /^0 records/);
  });

  test('an empty project says how to send to it, with a key', async () => {
    const team = await useTeam();
    await team.ready;
    const { page } = await openPage(`${team.url}/?token=shop-reader`);
    await expectText(page, 'main', /TRUBRICS_API_KEY=YOUR_KEY/);
    await expectText(page, 'main', `${team.url}/p/shop/api/ingestion`);
    await page.getByRole('link', { name: 'Rejected' }).click();
    await expectText(page, 'main', 'the server that answers');
    await team.publish('shop-key', [{}]);
    await page.reload();
    await expectText(page, '.table-note', 'the log and the metrics of all servers');
    expect(await axeViolations(page)).toEqual([]);
  });

  test('a page that its server leaves goes on with another one', async () => {
    const openStore = sharedStores();
    const first = await useTeam({ openStore });
    await first.ready;
    await first.publish('shop-key', [prompt({ prompt: 'before' })]);
    const { page } = await openPage(`${first.url}/?token=shop-reader`);
    await expectText(page, '.rows .row >> nth=0', 'before');
    await first.drain(5000);
    const second = await useTeam({ openStore: sharedStores(), port: first.port });
    await second.ready;
    // This process may still have a connection that the first server has closed.
    await eventually(async () =>
      expect((await second.publish('shop-key', [prompt({ prompt: 'after' })])).status).toBe(200),
    );
    await expect
      .poll(() => page.locator('.rows .row').first().innerText(), { timeout: 15_000 })
      .toContain('after');
  });
});
