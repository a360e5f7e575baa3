import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';

async function useSeeded() {
  const server = await useServer();
  await post(server, [
    prompt({ thread_id: 't1', properties: { $event_id: 'r1' } }),
    prompt({ user_id: 'bob', prompt: 'What is a trace?', properties: { $event_id: 'r2' } }),
  ]);
  await post(
    server,
    [{ user_id: 'ada', event: 'LLM error', properties: { error_type: 'T' } }],
    {},
    'publish_events',
  );
  return server;
}

const searchOf = (page: Page) => new URL(page.url()).search;

describe.skipIf(chromiumPath === undefined)('navigation in the page', () => {
  const openPage = useBrowser();

  test('Back undoes each filter, one at a time, and Forward sets it again', async () => {
    const server = await useSeeded();
    const { page } = await openPage(server.url);
    await expectText(page, '.filters', '3 records');
    const seen: [query: string, count: string][] = [['', '3 records']];
    const expectStep = async (count: string): Promise<void> => {
      await expectText(page, '.filters', count);
      await expect.poll(() => searchOf(page)).not.toBe(seen.at(-1)?.[0]);
      seen.push([searchOf(page), count]);
    };
    await page.getByLabel('Kind').selectOption('prompt');
    await expectStep('2 records');
    await page.getByLabel('Time').selectOption('1h');
    await expectStep('2 records');
    await page.getByLabel('Search').pressSequentially('span', { delay: 250 });
    await expectStep('1 record');
    await page.getByText('Filter', { exact: true }).click();
    await page.getByLabel('Value').fill('ada');
    await page.getByRole('button', { name: 'Add filter' }).click();
    await expectStep('1 record');
    await page.getByLabel('Search').fill('nothing');
    await expectStep('0 records');
    await page.getByRole('button', { name: 'Errors' }).click();
    await expectStep('0 records');
    await page.getByRole('button', { name: 'Remove filter person ada' }).click();
    await expectStep('0 records');
    for (const [query, count] of seen.slice(0, -1).toReversed()) {
      await page.goBack();
      await expect.poll(() => searchOf(page)).toBe(query);
      await expectText(page, '.filters', count);
      const { searchParams } = new URL(page.url());
      expect(await page.getByLabel('Search').inputValue()).toBe(searchParams.get('q') ?? '');
      expect(await page.getByLabel('Kind').inputValue()).toBe(searchParams.get('kind') ?? '');
      expect(await page.getByLabel('Time').inputValue()).toBe(searchParams.get('since') ?? '');
    }
    await page.goForward();
    await expect.poll(() => searchOf(page)).toBe('?kind=prompt');
  });

  test('every filter of the address is shown, and can be removed', async () => {
    const server = await useSeeded();
    const { page } = await openPage('about:blank');
    for (const [query, name] of [
      ['error=false', 'has error false'],
      ['kind=prompt&kind=event', 'kind event'],
      ['not.user=ada', 'not person ada'],
      ['not.prop.plan=free', 'not plan free'],
      ['about=r1', 'feedback on r1'],
      ['until=2026-02-30', 'until 2026-02-30'],
    ] as const) {
      await page.goto(`${server.url}/?${query}`);
      await page.getByRole('button', { name: `Remove filter ${name}`, exact: true }).click();
      await expect.poll(() => searchOf(page)).not.toContain(query);
    }
    for (const [query, message] of [
      ['kind=other', 'kind must be prompt or event'],
      ['error=maybe', 'error must be true or false'],
      ['not.since=1h', 'not.since is no filter'],
    ] as const) {
      await page.goto(`${server.url}/people?${query}`);
      await expectText(page, '.message', message);
      await page.getByRole('button', { name: 'Remove all filters' }).click();
      await expectText(page, 'tbody', 'ada');
    }
  });

  test('the tab of rejected requests counts the new ones until they are looked at', async () => {
    const server = await useSeeded();
    const { page } = await openPage(server.url);
    await expectText(page, '.live', 'Live');
    for (let i = 0; i < 2; i++) await post(server, [{ user_id: 'bob' }]);
    const tab = page.getByRole('navigation').getByRole('link', { name: 'Rejected' });
    await expect.poll(() => tab.textContent()).toBe('Rejected2 new');
    expect(await axeViolations(page)).toEqual([]);
    await tab.click();
    await expect.poll(() => page.locator('tbody tr').count()).toBe(2);
    await post(server, [{ user_id: 'bob' }]);
    await expect.poll(() => page.locator('tbody tr').count()).toBe(3);
    await page.getByRole('link', { name: 'People' }).click();
    await expectText(page, 'tbody', 'ada');
    expect(await tab.textContent()).toBe('Rejected');
  });

  test('a search that is being typed is not lost when records arrive', async () => {
    const server = await useSeeded();
    const { page } = await openPage(server.url);
    await expectText(page, '.live', 'Live');
    // Keys that come faster than a search starts: meanwhile, the page is rendered again with the old search.
    const typing = page.getByLabel('Search').pressSequentially('bob what is', { delay: 60 });
    for (let i = 0; i < 5; i++) await post(server, [prompt({ prompt: `other ${i}` })]);
    await typing;
    await expectText(page, '.filters', '1 record');
    expect(await page.getByLabel('Search').inputValue()).toBe('bob what is');
  });

  test('the search of the page finds comments, leaves out words and survives an open quote', async () => {
    const server = await useSeeded();
    const feedback = { record_id: 'r1', score: -1, comment: 'Das war fu\u0308r mich zu lang' };
    await post(
      server,
      [{ user_id: 'eve', event: 'User feedback', properties: feedback }],
      {},
      'publish_events',
    );
    await post(server, [
      prompt({ user_id: 'dan', prompt: 'Hi', properties: { system_prompt: 'You are a pirate.' } }),
    ]);
    const { page } = await openPage(server.url);
    for (const [search, person] of [
      ['für mich', 'eve'],
      ['"für mich zu', 'eve'],
      ['pirate', 'dan'],
      ['"what is" -span', 'bob'],
    ] as const) {
      await page.getByLabel('Search').fill(search);
      await expectText(page, '.filters', '1 record');
      await expectText(page, '.rows .row >> nth=0', person);
    }
  });

  test('Escape, a press outside and a focus elsewhere close the menu, and nothing else', async () => {
    const server = await useSeeded();
    const { page } = await openPage(`${server.url}/?record=r1`);
    await expectText(page, '.detail .facts', 'ada');
    const summary = page.getByText('Filter', { exact: true });
    const menu = page.locator('details.menu', { has: summary });
    const isOpen = () => menu.evaluate((element) => element.hasAttribute('open'));
    await summary.click();
    await page.getByLabel('Value').focus();
    await page.keyboard.press('Escape');
    expect(await isOpen()).toBe(false);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Filter');
    expect(await page.locator('.detail').count()).toBe(1);
    await summary.click();
    expect(await isOpen()).toBe(true);
    // Text and the empty end of the header, which takes no focus.
    for (const [x, y] of [
      [1200, 600],
      [1050, 20],
    ] as const) {
      await page.mouse.click(x, y);
      expect(await isOpen()).toBe(false);
      await summary.click();
      expect(await isOpen()).toBe(true);
    }
    await page.keyboard.press('Escape');
    await summary.click();
    await page.getByLabel('Search').focus();
    expect(await isOpen()).toBe(false);
    await summary.click();
    await page.getByLabel('Value').click();
    expect(await isOpen()).toBe(true);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.detail').count()).toBe(0);
  });

  test('the focus goes into a conversation, and back to where it came from when that or a record is closed', async () => {
    const server = await useSeeded();
    await post(server, [prompt({ thread_id: 't2' })]);
    const { page } = await openPage(`${server.url}/conversations`);
    const focused = () =>
      page.evaluate<string>(
        `[document.activeElement.className, document.activeElement.getAttribute('href')].join(' ')`,
      );
    const link = page.locator('.thread-list a').first();
    for (const close of ['Escape', 'Close']) {
      await link.focus();
      await page.keyboard.press('Enter');
      await expect.poll(focused).toContain('conversation');
      await expectText(page, '.chat', 'A step of a trace.');
      const stops = ['Raw', 'As records', 'Read', '×Close'];
      for (const stop of stops) {
        await page.keyboard.press('Tab');
        expect(await page.evaluate('document.activeElement.textContent')).toBe(stop);
      }
      await page.keyboard.press(close === 'Escape' ? 'Escape' : 'Enter');
      await expect.poll(focused).toContain('open=t2');
      expect(await page.locator('.chat').count()).toBe(0);
    }
    await page.getByRole('link', { name: 'Prompts' }).click();
    await page.locator('.rows .row').first().click();
    await page.getByRole('button', { name: 'Close' }).click();
    await expect.poll(focused).toContain('rows');
    await page.keyboard.press('Enter');
    await page.locator('.detail').getByRole('button', { name: 'Copy prompt' }).focus();
    await page.keyboard.press('Escape');
    await expect.poll(focused).toContain('rows');
  });

  test('the title says the view, what is open and what is searched', async () => {
    const server = await useSeeded();
    const { page } = await openPage(server.url);
    await expect.poll(() => page.title()).toBe('Prompts · Trubrics');
    for (const view of ['Conversations', 'People', 'Overview', 'Rejected']) {
      await page.getByRole('link', { name: view }).click();
      await expect.poll(() => page.title()).toBe(`${view} · Trubrics`);
    }
    await page.goBack();
    await expect.poll(() => page.title()).toBe('Overview · Trubrics');
    await page.goto(`${server.url}/conversations?open=t1`);
    await expect.poll(() => page.title()).toBe('t1 · Conversations · Trubrics');
    await page.goto(`${server.url}/?record=r1&q=span`);
    await expect.poll(() => page.title()).toBe('Record · “span” · Prompts · Trubrics');
  });

  test('a narrow page names its view in a button, which opens all views by pointer and by keys', async () => {
    const server = await useSeeded();
    const { page } = await openPage(`${server.url}/people?user=ada`, {
      viewport: { width: 400, height: 800 },
    });
    const button = page.getByRole('button', { name: 'Views: People' });
    const views = page.getByRole('navigation', { name: 'Views' });
    await expectText(page, 'tbody', 'ada');
    expect(await views.isVisible()).toBe(false);
    await button.click();
    expect(await button.getAttribute('aria-expanded')).toBe('true');
    for (const link of await views.getByRole('link').all()) {
      const { x = -1, width = 1000 } = (await link.boundingBox()) ?? {};
      expect([x >= 0, x + width <= 400]).toEqual([true, true]);
    }
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect([await views.isVisible(), await page.evaluate('document.activeElement.ariaExpanded')]).toEqual([
      false,
      'false',
    ]);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.rows .row').first().waitFor();
    expect(page.url()).toBe(`${server.url}/?user=ada`);
    expect(await views.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Views: Prompts' }).click();
    await page.locator('.rows').click();
    await views.waitFor({ state: 'hidden' });
  });

  test('a wide page shows all views in groups beside the content, and a low one scrolls to the open one', async () => {
    const server = await useSeeded();
    const { page } = await openPage(`${server.url}/rejected`, { viewport: { width: 1000, height: 400 } });
    const views = page.getByRole('navigation', { name: 'Views' });
    await page.locator('.message').waitFor();
    expect(await views.getByRole('link').count()).toBe(11);
    const groups = await views.getByRole('group').evaluateAll((all) => all.map((group) => group.ariaLabel));
    expect(groups).toEqual(['Records', 'Insights', 'Operations']);
    const { y = -1, height = 0 } = (await views.getByRole('link', { name: 'Rejected' }).boundingBox()) ?? {};
    expect(y >= 0 && y + height <= 400).toBe(true);
    expect(await axeViolations(page)).toEqual([]);
  });

  test('on a narrow page, folded filters are counted, and stay set', async () => {
    const server = await useSeeded();
    const { page } = await openPage(`${server.url}/?kind=prompt&error=true`, {
      viewport: { width: 400, height: 800 },
    });
    const fold = page.getByRole('button', { name: 'Filters (2)' });
    await fold.waitFor();
    expect(await page.getByLabel('Kind').isVisible()).toBe(false);
    await fold.click();
    expect(await page.getByLabel('Kind').inputValue()).toBe('prompt');
    await page.getByRole('button', { name: 'Errors' }).click();
    await page.getByRole('button', { name: 'Filters (1)' }).waitFor();
    await expectText(page, '.filters', '2 records');
    expect(await axeViolations(page)).toEqual([]);
  });

  test.each([400, 800, 1000, 1280])('each menu opens within a page of %i pixels', async (width) => {
    const server = await useSeeded();
    const { page } = await openPage(`${server.url}/people`, { viewport: { width, height: 800 } });
    await expectText(page, 'tbody', 'ada');
    const fold = page.getByRole('button', { name: 'Filters' });
    if (await fold.isVisible()) await fold.click();
    const menus = page.locator('details.menu:visible');
    expect(await menus.count()).toBe(5);
    for (const menu of await menus.all()) {
      await menu.locator('summary').click();
      const name = await menu.locator('summary').innerText();
      await expect
        .poll(async () => {
          const {
            x = -1,
            y = -1,
            width: wide = 0,
            height = 0,
          } = (await menu.locator('.menu-body').boundingBox()) ?? {};
          return [name, wide > 100 && x >= 0 && x + wide <= width && y >= 0 && y + height <= 800];
        })
        .toEqual([name, true]);
      await page.keyboard.press('Escape');
    }
  });

  test('the first stop of the Tab key skips to the content', async () => {
    const server = await useSeeded();
    const { page } = await openPage(`${server.url}/people`);
    await expectText(page, 'tbody', 'ada');
    await page.keyboard.press('Tab');
    const link = page.getByRole('link', { name: 'Skip to content' });
    expect(await page.evaluate(`document.activeElement.className === 'skip-link'`)).toBe(true);
    const box = await link.boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect(await page.evaluate('getComputedStyle(document.activeElement).clipPath')).toBe('none');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    expect(page.url()).toBe(`${server.url}/people`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.querySelector("main").contains(document.activeElement)')).toBe(true);
  });

  test('texts are copied without https, and where that is impossible the page says why', async () => {
    const server = await useServer({ allowedHosts: ['trubrics.test'] });
    await post(server, [prompt({ prompt: 'Copy this', properties: { $event_id: 'r1' } })]);
    const { page } = await openPage(`http://trubrics.test:${server.port}/?record=r1`);
    expect(await page.evaluate('[isSecureContext, typeof navigator.clipboard]')).toEqual([
      false,
      'undefined',
    ]);
    await page.getByRole('button', { name: 'Copy prompt' }).click();
    await expectText(page, '[aria-label="Copy prompt"]', 'Copied');
    await page.evaluate('document.execCommand = () => false');
    await page.getByRole('button', { name: 'Copy answer' }).click();
    await expectText(page, '[aria-label="Copy answer"]', 'The browser needs https for it');
    await page.getByLabel('Search').focus();
    await page.keyboard.press('Control+V');
    await expect.poll(() => page.getByLabel('Search').inputValue()).toBe('Copy this');
  });

  test('texts are copied with the clipboard, and a refusal is said', async () => {
    const server = await useSeeded();
    const { page } = await openPage(`${server.url}/?record=r1`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('button', { name: 'Copy prompt' }).click();
    await expectText(page, '[aria-label="Copy prompt"]', 'Copied');
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('What is a span?');
    await page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error("no"))');
    await page.evaluate('document.execCommand = () => false');
    await page.getByRole('button', { name: 'Copy answer' }).click();
    await expectText(page, '[aria-label="Copy answer"]', 'The browser does not allow it');
  });
});
