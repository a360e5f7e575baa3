import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { MemoryStore } from '../../../src/server/index.js';
import { formerKeyOf } from '../../../src/server/insights/labels/intents.js';
import { post } from '../../support/server-requests.js';
import { chromiumPath, expectText, settled, useBrowser } from '../../support/use-browser.js';
import { useScriptedServer } from '../../support/use-scripted-server.js';
import { useServer } from '../../support/use-server.js';
import { numbered } from '../engines/stored.js';

/** A server with something to edit in every place. */
async function useEdited() {
  const store = new MemoryStore();
  const timestamp = new Date().toISOString();
  const labels = { label_status: 'done', label_sentiment: 'neutral', label_outcome: 'done' };
  await store.put([
    {
      ...numbered(1),
      id: 'r1',
      userId: 'ada',
      threadId: 't',
      timestamp,
      receivedAt: timestamp,
      properties: { plan: 'pro', label_intent: 'refund', ...labels },
    },
  ]);
  const put = async (kind: string, name: string, value: unknown): Promise<void> => {
    await store.documents.put({ kind, name, value: value as never });
  };
  const stored = async (kind: string, name: string): Promise<unknown> =>
    (await store.documents.get(kind, name))?.value;
  await put('segment', 'staff', { filters: ['user=ada'] });
  await put('rule', 'Spend', { measure: 'cost', window: '24h', above: 1 });
  await put('view', 'Mine', { path: '/people', query: '' });
  await put('view', 'Theirs', { path: '/review', query: '' });
  const model = await useScriptedServer();
  const server = await useServer({ store, labels: { url: `${model.url}/v1`, model: 'small' } });
  const remove = (kind: string, name: string): Promise<boolean> => store.documents.delete(kind, name);
  return { server, put, stored, remove };
}

/** Returns a function that stores something when the page has read everything, so that its editor has not seen it. */
function unseen(
  page: Page,
  { put }: Awaited<ReturnType<typeof useEdited>>,
): (kind: string, name: string, value: unknown) => Promise<void> {
  return async (kind, name, value) => {
    await settled(page);
    await put(kind, name, value);
  };
}

function loaded(page: Page, setting: string): Promise<unknown> {
  return page.waitForResponse((response) => response.url().includes(`only=${setting}`));
}

describe.skipIf(chromiumPath === undefined)('two editors of one thing', () => {
  const openPage = useBrowser();

  test('whoever comes second is told what the other has stored, and replaces it only by another click', async () => {
    const edited = await useEdited();
    const { server, stored } = edited;
    const { page } = await openPage(`${server.url}/overview`);
    const putUnseen = unseen(page, edited);
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    const alert = 'dialog [role=alert]';

    let isLoaded = loaded(page, 'time-zone');
    await button('Change the time zone').click();
    await isLoaded;
    await putUnseen('setting', 'time-zone', { timeZone: 'Europe/Berlin' });
    await page.getByRole('combobox', { name: 'Time zone' }).fill('Asia/Kathmandu');
    await button('Use for everybody').click();
    await expectText(page, alert, /Somebody else has changed it meanwhile. It is now: Europe\/Berlin/);
    expect(await stored('setting', 'time-zone')).toEqual({ timeZone: 'Europe/Berlin' });
    await button('Use for everybody').click();
    await expectText(page, '.overview', 'Days and times in Asia/Kathmandu, for everybody.');
    // The page is older than the setting.
    await putUnseen('setting', 'time-zone', { timeZone: 'UTC' });
    await button('Change the time zone').click();
    await expectText(page, alert, 'Since this page was loaded, it has changed. It is now: UTC.');

    await settled(page);
    await page.goto(`${server.url}/people?show=organizations&by=prop.plan`);
    isLoaded = loaded(page, 'organization-property');
    await button('Count plan as organizations, for everybody').click();
    await isLoaded;
    await putUnseen('setting', 'organization-property', { property: 'team' });
    await button('Count plan').click();
    await expectText(page, alert, /It is now: team/);
    expect(await stored('setting', 'organization-property')).toEqual({ property: 'team' });
    await button('Count plan').click();
    await expect.poll(() => stored('setting', 'organization-property')).toEqual({ property: 'plan' });

    const filters = page.getByRole('textbox', { name: 'Filters, one a line' });
    await settled(page);
    await page.goto(server.url);
    await page.locator('[data-kind="segment"] summary').click();
    await button('Change segment staff').click();
    await putUnseen('segment', 'staff', { filters: ['user=bob'] });
    await filters.fill('user=cy');
    await button('Save').click();
    await expectText(page, alert, /It is now: user=bob/);
    expect(await stored('segment', 'staff')).toEqual({ filters: ['user=bob'] });
    await button('Save').click();
    await expect.poll(() => stored('segment', 'staff')).toEqual({ filters: ['user=cy'] });
    // The page loads itself again.
    await page.locator('dialog').waitFor({ state: 'detached' });

    await settled(page);
    await page.goto(`${server.url}/people`);
    await page.locator('[data-kind="internal"] summary').click();
    await button('What is internal …').click();
    await putUnseen('setting', 'internal-traffic', { filters: ['tag=team'] });
    await filters.fill('tag=mine');
    await button('Save').click();
    await expectText(page, alert, /It is now: tag=team/);
    expect(await stored('setting', 'internal-traffic')).toEqual({ filters: ['tag=team'] });

    await settled(page);
    await page.goto(`${server.url}/alerts`);
    await page.getByRole('button', { name: /Spend/ }).first().click();
    await putUnseen('rule', 'Spend', { measure: 'errorRate', window: '1h', above: 0.05 });
    await page.getByLabel('Threshold').fill('3');
    await button('Save').click();
    await expectText(page, alert, /It is now: Error rate \(%\) above 5 in the last 1h/);
    expect(await stored('rule', 'Spend')).toMatchObject({ above: 0.05 });
    await button('Delete').click();
    await expect.poll(() => stored('rule', 'Spend')).toBeUndefined();
  });

  test('saved views, the first screen, categories and notes are not overwritten unseen either', async () => {
    const edited = await useEdited();
    const { server, stored } = edited;
    const { page } = await openPage(`${server.url}/explore`);
    const putUnseen = unseen(page, edited);
    const views = page.locator('.menu[data-kind=views]');
    const isLoaded = loaded(page, 'first-screen');
    await views.locator('summary').click();
    await isLoaded;
    const first = (name: string) => views.getByRole('button', { name: `First screen: ${name}` });
    await first('Mine').waitFor();
    await putUnseen('setting', 'first-screen', { view: 'Theirs' });
    await first('Mine').click();
    await expectText(page, '.menu[data-kind=views] [role=alert]', /It is now: Theirs/);
    expect(await stored('setting', 'first-screen')).toEqual({ view: 'Theirs' });
    await page.locator('.menu[data-kind=views] [aria-pressed=true]').waitFor();
    await first('Mine').click();
    await expect.poll(() => stored('setting', 'first-screen')).toEqual({ view: 'Mine' });
    await putUnseen('view', 'Mine', { path: '/topics', query: 'user=ada' });
    await views.getByLabel('Name of the view').fill('Mine');
    await page.keyboard.press('Enter');
    await expectText(page, '.menu[data-kind=views] [role=alert]', /It is now: \/topics\?user=ada/);
    expect(await stored('view', 'Mine')).toEqual({ path: '/topics', query: 'user=ada' });

    const areKnown = loaded(page, 'label-categories');
    await settled(page);
    await page.goto(`${server.url}/topics`);
    await areKnown;
    const renamed = { [formerKeyOf('money back')]: 'reimbursement' };
    await putUnseen('setting', 'label-categories', { names: ['reimbursement'], renamed });
    await page.getByText('Change categories').click();
    await page.getByRole('textbox', { name: 'Another category' }).fill('delivery');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await expectText(page, '.category-forms [role=status]', 'from now on: reimbursement, delivery.');
    // Added by somebody else: the rename is merged.
    await putUnseen('setting', 'label-categories', { names: ['reimbursement', 'praise'], renamed });
    const category = page.getByRole('combobox', { name: 'New name' });
    await category.fill('refund again');
    await page.getByRole('button', { name: 'Rename or merge' }).click();
    await expectText(page, '.category-forms [role=status]', /changed to refund again/);
    expect(await stored('setting', 'label-categories')).toMatchObject({
      names: ['reimbursement', 'praise', 'refund again'],
    });
    await putUnseen('setting', 'label-categories', { names: ['reimbursement'], renamed });
    await category.fill('money back');
    await page.getByRole('button', { name: 'Rename or merge' }).click();
    await expectText(
      page,
      '.category-forms [role=alert]',
      /renamed "money back" to "reimbursement" meanwhile/,
    );

    const isReviewed = loaded(page, 't');
    await settled(page);
    await page.goto(`${server.url}/conversations?open=t`);
    await isReviewed;
    const note = page.getByRole('textbox', { name: 'Note' });
    await note.fill('Mine');
    await putUnseen('state', 't', { of: 'conversation', state: 'done', note: 'Theirs' });
    await page.keyboard.press('Control+Enter');
    await expectText(page, '.review-controls [role=alert]', /It is now: Theirs/);
    const changes: unknown[] = [];
    page.on('request', (request) => {
      if (request.method() === 'PUT') changes.push(request.postDataJSON());
    });
    // Leaving the field decides nothing.
    await note.blur();
    await page.getByRole('button', { name: 'Discard mine' }).click();
    await expect.poll(() => note.inputValue()).toBe('Theirs');
    expect(await page.locator('.review-controls [role=alert]').count()).toBe(0);
    await note.fill('Mine and theirs');
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => stored('state', 't')).toMatchObject({ state: 'done', note: 'Mine and theirs' });
    await expect.poll(() => changes).toMatchObject([{ note: 'Mine and theirs' }]);
  });

  test('a decision by key that is refused is told, also when the answer has left the list', async () => {
    const edited = await useEdited();
    const { server, stored } = edited;
    const thumb = { record_id: 'r1', score: -1, feedback_type: 'thumbs' };
    await post(server, [{ user_id: 'ada', event: 'Feedback', properties: thumb }], {}, 'publish_events');
    const { page } = await openPage(`${server.url}/review?record=r1`);
    const putUnseen = unseen(page, edited);
    await page.locator('.review-controls').waitFor();
    await page.locator('.thread-list .thread-prompt').waitFor();
    await putUnseen('state', 'r1', { state: 'done' });
    await page.keyboard.press('2');
    await expectText(page, '.review > [role=alert]', /It is not stored.*It is now: done/);
    await page.locator('.thread-list .thread-prompt').waitFor({ state: 'detached' });
    expect(await stored('state', 'r1')).toEqual({ state: 'done' });
    await page.keyboard.press('2');
    await expect.poll(() => stored('state', 'r1')).toMatchObject({ state: 'needs-others' });
    await page.locator('.review > [role=alert]').waitFor({ state: 'detached' });
  });

  test('views that cannot be read, names that exist and deleted views are no dead ends', async () => {
    const edited = await useEdited();
    const { server, put, stored, remove } = edited;
    await put('view', 'Week', { path: '/a-b' });
    const { page } = await openPage(`${server.url}/explore`);
    const putUnseen = unseen(page, edited);
    const views = page.locator('.menu[data-kind=views]');
    await views.locator('summary').click();
    await expectText(page, '.menu[data-kind=views] ul', /Week \(cannot be read\)/);
    const save = async (name: string): Promise<void> => {
      await views.getByLabel('Name of the view').fill(name);
      await page.keyboard.press('Enter');
    };
    await save('Week');
    await expect.poll(() => stored('view', 'Week')).toMatchObject({ path: '/explore' });
    await views.getByRole('link', { name: 'Week' }).waitFor();
    await putUnseen('view', 'New', { path: '/a-b' });
    await save('New');
    await expectText(page, '.menu [role=alert]', /There is one of this name already. It is now: .*a-b/);
    await save('New');
    await expect.poll(() => stored('view', 'New')).toMatchObject({ path: '/explore' });
    await views.getByRole('link', { name: 'New' }).waitFor();
    await remove('view', 'Theirs');
    await views.getByRole('button', { name: 'Delete view Theirs' }).click();
    await views.getByText('Theirs').waitFor({ state: 'detached' });
    expect(await page.locator('.menu [role=alert]').count()).toBe(0);
  });

  test('a click waits for what is stored, and says it if it could not be read before', async () => {
    const edited = await useEdited();
    const { server, stored } = edited;
    const { page } = await openPage(`${server.url}/overview`);
    const putUnseen = unseen(page, edited);
    const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
    let release = (): void => undefined;
    const isReleased = new Promise<void>((resolve) => (release = resolve));
    await page.route(/only=time-zone/, async (route) => {
      await isReleased;
      await route.continue();
    });
    await button('Change the time zone').click();
    await page.getByRole('combobox', { name: 'Time zone' }).fill('Asia/Kathmandu');
    await button('Use for everybody').click();
    release();
    // The page has loaded itself again.
    await expectText(page, '.overview', 'Days and times in Asia/Kathmandu, for everybody.');
    expect(await stored('setting', 'time-zone')).toEqual({ timeZone: 'Asia/Kathmandu' });

    const fail = (setting: string): Promise<unknown> =>
      page.route(new RegExp(`only=${setting}`), (route) => route.abort(), { times: 1 });
    await putUnseen('setting', 'first-screen', { view: 'Theirs' });
    await fail('first-screen');
    await settled(page);
    await page.goto(`${server.url}/explore`);
    const views = '.menu[data-kind=views]';
    await page.locator(`${views} summary`).click();
    await expectText(page, `${views} [role=alert]`, /./);
    await button('First screen: Mine').click();
    await expectText(page, `${views} [role=alert]`, /could not be read before. It is now: Theirs/);
    expect(await stored('setting', 'first-screen')).toEqual({ view: 'Theirs' });
    await button('First screen: Mine').click();
    await expect.poll(() => stored('setting', 'first-screen')).toEqual({ view: 'Mine' });

    await putUnseen('setting', 'label-categories', { names: ['refund'], renamed: {} });
    const isAsked = page.waitForEvent('requestfailed');
    await fail('label-categories');
    await settled(page);
    await page.goto(`${server.url}/topics`);
    await isAsked;
    await page.getByText('Change categories').click();
    await page.getByRole('combobox', { name: 'New name' }).fill('money back');
    await button('Rename or merge').click();
    await expectText(page, '.category-forms [role=alert]', /could not be read before. It is now: refund/);
    await fail('label-categories');
    await button('Rename or merge').click();
    // The change is stored, though it cannot be read again.
    await expectText(page, '.category-forms [role=status]', '1 prompt changed to money back.');
    await expectText(page, '.topics-view', /money back/);
  });
});
