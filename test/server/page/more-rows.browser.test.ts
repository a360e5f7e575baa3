import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { MemoryStore, type NewRecord } from '../../../src/server/index.js';
import { post, prompt } from '../../support/server-requests.js';
import { chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { useServer } from '../../support/use-server.js';
import { event, numbered } from '../engines/stored.js';

function asked(id: string, userId: string, threadId: string): NewRecord {
  return { ...numbered(1), id, userId, threadId };
}

function times(count: number, make: (at: number) => NewRecord): NewRecord[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

/** Every list has a few rows more than it shows at first. */
async function useLongLists() {
  const store = new MemoryStore();
  await store.put([
    ...times(450, (at) => asked(`r${at}`, `user ${at}`, `thread ${at % 150}`)),
    ...times(55, (at) => asked(`a${at}`, 'ada', `of ada ${at}`)),
    ...times(205, (at) => asked(`l${at}`, 'lena', 'long')),
    ...times(55, (at) => event(`bad ${at}`, 'Feedback', { record_id: `r${at}`, score: 0 })),
    ...times(105, (at) => ({
      ...event(`good ${at}`, 'Feedback', { record_id: 'a0', score: 1 }),
      userId: `fan ${at}`,
    })),
    { ...asked('turn', 'ada', 'of ada 0'), properties: { call_count: 105 } },
    ...times(105, (at) => event(`call ${at}`, 'LLM call', { turn_id: 'turn', model: 'm' })),
  ]);
  const items = times(105, (at) => asked(`r${at}`, '', '')).map(({ id }) => ({ recordId: id }));
  await store.documents.put({ kind: 'dataset', name: 'set', value: { items } });
  return useServer({ store });
}

/** Marks the rows that are there, and presses the button. */
async function pressMore(page: Page, rows: string, name: RegExp): Promise<void> {
  const button = page.getByRole('button', { name });
  await button.waitFor();
  await page.evaluate(`for (const row of document.querySelectorAll('${rows}')) row.dataset.known = ''`);
  await button.focus();
  await page.keyboard.press('Enter');
}

describe.skipIf(chromiumPath === undefined)('lists with a button that shows more rows', () => {
  const openPage = useBrowser();

  test('the focus goes to the first new row of any list, which has no such button after the last ones', async () => {
    const server = await useLongLists();
    const { page, problems } = await openPage(server.url);
    for (const [path, rows, name] of [
      ['/conversations', '.thread-list > li', /^Show \d+ more$/],
      ['/conversations?open=long', '.chat > li', /^Show earlier$/],
      ['/people', 'table.people tbody > tr', /^Show \d+ more$/],
      ['/people?user=ada', '.person-timeline > ol > li', /^Show \d+ more$/],
      ['/review', '.thread-list > li', /^Show more$/],
      ['/datasets?open=set', '.dataset-items > li', /^Show more$/],
      ['/?record=turn', '.property-table tbody > tr', /^Show all$/],
      ['/?record=a0', '.feedback > li', /^Show all$/],
    ] as const) {
      await page.goto(`${server.url}${path}`);
      await pressMore(page, rows, name);
      const focused = (): Promise<unknown> =>
        page.evaluate(`
          (({ dataset, previousElementSibling: before }) => ({
            isNew: document.activeElement.matches('${rows}') && dataset.known === undefined,
            isFirst: before === null || before.dataset.known !== undefined,
          }))(document.activeElement)
        `);
      await expect.poll(focused, { message: path }).toEqual({ isNew: true, isFirst: true });
      expect(await page.getByRole('button', { name }).count()).toBe(0);
    }
    expect(problems).toEqual([]);
  });

  test('a live row that arrives before the further ones does not take the focus, at either end of a list', async () => {
    const server = await useLongLists();
    const { page } = await openPage(`${server.url}/conversations`);
    const held = (): (() => void) => {
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      void page.route(/limit=400|before=/, async (route) => {
        await released;
        await route.continue();
      });
      return () => release();
    };
    const focused = (): Promise<unknown> =>
      page.evaluate(`({
        isNew: document.activeElement.matches('li') && document.activeElement.dataset.known === undefined,
        afterKnown: document.activeElement.previousElementSibling?.dataset.known === '',
        beforeKnown: [...document.querySelectorAll('.chat > li')].indexOf(document.activeElement) === 0,
      })`);
    let release = held();
    await pressMore(page, '.thread-list > li', /^Show \d+ more$/);
    await post(server, [prompt({ thread_id: 'live' })]);
    release();
    await expectText(page, '.thread-list > li:first-child', /What is a span/);
    await expect.poll(focused).toEqual({ isNew: true, afterKnown: true, beforeKnown: false });

    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.goto(`${server.url}/conversations?open=long`);
    await page.getByRole('button', { name: /^Show earlier$/ }).waitFor();
    release = held();
    await pressMore(page, '.chat > li', /^Show earlier$/);
    await post(server, [
      prompt({ thread_id: 'long', prompt: 'The live one', timestamp: new Date().toISOString() }),
    ]);
    release();
    await expectText(page, '.chat > li:last-child', /A step of a trace/);
    await expect.poll(focused).toEqual({ isNew: true, afterKnown: false, beforeKnown: true });
  });

  test('whoever has gone on while further rows were loaded keeps the focus', async () => {
    const server = await useLongLists();
    const { page } = await openPage(`${server.url}/conversations`);
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/api/threads?*limit=400*', async (route) => {
      await released;
      await route.continue();
    });
    await pressMore(page, '.thread-list > li', /^Show \d+ more$/);
    const search = page.getByRole('searchbox').first();
    await search.focus();
    release();
    await expect.poll(() => page.locator('.thread-list > li').count()).toBe(206);
    expect(await page.evaluate('document.activeElement.type')).toBe('search');
  });
});
