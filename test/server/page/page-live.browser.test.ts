import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { post, prompt } from '../../support/server-requests.js';
import { useCuttableProxy } from '../../support/use-cuttable-proxy.js';
import { useServer } from '../../support/use-server.js';

const FIRST_ROW = '.rows .row >> nth=0';

/** Makes a page believe that it is hidden or visible again, as a tab of a window that is not in front. */
async function setVisible(page: Page, state: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  `);
}

describe.skipIf(chromiumPath === undefined)('live events of the page', () => {
  const openPage = useBrowser();

  test('seven tabs of one browser are all live over one connection, each with its own filters', async () => {
    const server = await useServer();
    const proxy = await useCuttableProxy(server.port);
    await post(server, [prompt({ prompt: 'before' })]);
    const { page: first } = await openPage(proxy.url);
    const pages = [first];
    for (let i = 1; i < 7; i++) {
      const page = await first.context().newPage();
      await page.goto(`${proxy.url}/?q=${i % 2 === 0 ? 'before' : 'before -after'}`);
      await expectText(page, FIRST_ROW, 'before');
      pages.push(page);
    }
    expect(proxy.streams()).toBe(1);
    await post(server, [prompt({ prompt: 'after, not before' })]);
    for (const [i, page] of pages.entries()) {
      await expectText(page, '.live', 'Live');
      await expectText(page, '.filters', i % 2 === 0 ? '2 records' : '1 record');
    }
    for (const page of pages.slice(1)) await page.close();
    await post(server, [prompt({ prompt: 'last' })]);
    await expectText(first, FIRST_ROW, 'last');
  }, 60_000);

  test('a tab with a wrong filter does not disturb the other tabs', async () => {
    const server = await useServer();
    const { page } = await openPage(server.url);
    await expectText(page, '.live', 'Live');
    const wrong = await page.context().newPage();
    await wrong.goto(`${server.url}/?since=yesterday`);
    await expectText(wrong, '.message', 'since must be');
    await expectText(wrong, '.live', 'Not live');
    await post(server, [prompt({ prompt: 'one' })]);
    await expectText(page, FIRST_ROW, 'one');
  });

  test('a connection that died in silence is noticed, and what was missed is shown', async () => {
    const server = await useServer();
    const proxy = await useCuttableProxy(server.port, 300);
    // The real server beats every 15 s, so that every stream through this proxy dies after 750 ms.
    const { page } = await openPage(proxy.url);
    await expectText(page, '.live', 'Live');
    const opened = proxy.opened();
    proxy.cut();
    await post(server, [prompt({ prompt: 'missed' })]);
    await expect.poll(() => proxy.opened()).toBeGreaterThan(opened);
    await expectText(page, FIRST_ROW, 'missed');
  });

  test('the page says that it reconnects while a dead connection cannot be replaced', async () => {
    const server = await useServer();
    const proxy = await useCuttableProxy(server.port, 300);
    await post(server, [prompt({ prompt: 'old' })]);
    const { page } = await openPage(proxy.url, { serviceWorkers: 'block' });
    await expectText(page, FIRST_ROW, 'old');
    await expectText(page, '.live', 'Live');
    await server.close();
    await expectText(page, '.live', 'Reconnecting');
    await expectText(page, '.banner', 'may be out of date. The server cannot be reached.');
  });

  test('a hidden page has no connection, and shows what it has missed when it is visible again', async () => {
    const server = await useServer();
    const proxy = await useCuttableProxy(server.port);
    await post(server, [prompt({ prompt: 'before' })]);
    const { page } = await openPage(proxy.url);
    await expectText(page, FIRST_ROW, 'before');
    await expectText(page, '.live', 'Live');
    await setVisible(page, 'hidden');
    await expect.poll(() => proxy.streams()).toBe(0);
    await post(server, [prompt({ prompt: 'meanwhile' })]);
    await page.waitForTimeout(300);
    expect(await page.locator(FIRST_ROW).innerText()).toContain('before');
    await setVisible(page, 'visible');
    await expectText(page, FIRST_ROW, 'meanwhile');
    await expectText(page, '.live', 'Live');
    expect(proxy.streams()).toBe(1);
  });

  test('a page that was opened in the background misses nothing', async () => {
    const server = await useServer();
    const { page } = await openPage('about:blank');
    await page.addInitScript(`
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    `);
    await post(server, [prompt({ prompt: 'before' })]);
    await page.goto(server.url);
    await expectText(page, FIRST_ROW, 'before');
    await post(server, [prompt({ prompt: 'meanwhile' })]);
    await setVisible(page, 'visible');
    await expectText(page, FIRST_ROW, 'meanwhile');
  });

  test.each([
    ['have no shared workers', 'delete globalThis.SharedWorker'],
    [
      'forbid them',
      'globalThis.SharedWorker = class { constructor() { throw new DOMException("no", "SecurityError"); } }',
    ],
    [
      'start one that never answers',
      'globalThis.SharedWorker = class extends EventTarget { port = new MessageChannel().port1 }',
    ],
  ])('the page is live in browsers that %s', async (_what, script) => {
    const server = await useServer();
    const { page } = await openPage('about:blank');
    await page.addInitScript(script);
    await page.goto(server.url);
    await expect.poll(() => page.locator('.live').innerText(), { timeout: 15_000 }).toBe('Live');
    await post(server, [prompt({ prompt: 'one' })]);
    await expectText(page, FIRST_ROW, 'one');
  });
});
