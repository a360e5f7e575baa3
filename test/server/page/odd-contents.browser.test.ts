import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { post, prompt } from '../../support/server-requests.js';
import { axeViolations, chromiumPath, expectText, settled, useBrowser } from '../../support/use-browser.js';
import { useServer } from '../../support/use-server.js';

const MINUTE = 60_000;
const before = (minutes: number): string => new Date(Date.now() - minutes * MINUTE).toISOString();

/** Returns the pixels of the plot with this title: how many have a hue, as lines do, and the leftmost that is drawn. */
async function inkOf(page: Page, title: string): Promise<{ hued: number; leftmost: number }> {
  const plot = page.locator('.plot', { has: page.getByRole('heading', { name: title, exact: true }) });
  await plot.locator('canvas').waitFor();
  await settled(page);
  return page.evaluate(`(() => {
    const plots = [...document.querySelectorAll('.plot')];
    const canvas = plots.find((one) => one.querySelector('h2').innerText === ${JSON.stringify(title)}).querySelector('canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let hued = 0;
    let leftmost = canvas.width;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] > 60 && Math.abs(data[at] - data[at + 2]) > 40) hued += 1;
      if (data[at + 3] > 0) leftmost = Math.min(leftmost, (at / 4) % canvas.width);
    }
    return { hued, leftmost };
  })()`);
}

/** Returns the links and buttons of the page that nobody can see, and so click. */
async function invisibleControls(page: Page): Promise<string[]> {
  await settled(page);
  return page.locator('main :is(a, button)').evaluateAll((elements) =>
    elements
      .filter((element) => element.checkVisibility() && element.textContent.trim() === '')
      .filter((element) => !element.querySelector('svg, [aria-hidden], .visually-hidden'))
      .map((element) => element.outerHTML),
  );
}

describe.skipIf(chromiumPath === undefined)('records with odd contents', () => {
  const openPage = useBrowser();

  test('names, models and questions without a visible letter are shown as blank, and can be clicked', async () => {
    const server = await useServer();
    const blanks = ['   ', '\u200b\u200d', '\u2800', '\u3164'];
    await post(
      server,
      blanks.map((blank) =>
        prompt({
          user_id: blank,
          thread_id: `${blank}thread`.slice(0, -6),
          assistant_id: blank,
          prompt: blank,
          generation: 'Answer',
          properties: { tags: [blank], organization_id: blank },
        }),
      ),
    );
    const { page, problems } = await openPage(`${server.url}/people`);
    await expectText(page, 'table.people', /\(blank\)/);
    expect(await page.locator('table.people tbody th').allInnerTexts()).toEqual(blanks.map(() => '(blank)'));
    for (const path of [
      '/',
      '/people',
      '/people?by=organization',
      '/conversations',
      '/overview',
      '/explore?by=user',
      '/explore?by=model',
      '/summary',
    ]) {
      await page.goto(server.url + path);
      await expectText(page, 'main', /\(blank\)/);
      expect([path, await invisibleControls(page)]).toEqual([path, []]);
      expect([path, await axeViolations(page)]).toEqual([path, []]);
    }
    await page.goto(`${server.url}/people`);
    await page.locator('table.people tbody th a').first().click();
    await expectText(page, '.person-name', '(blank)');
    await expectText(page, '.chip', '(blank)');
    expect(problems).toEqual([]);
  });

  test('the long name of an event ends in an ellipsis within its column', async () => {
    const server = await useServer();
    const event = `Opened ${'the page '.repeat(40)}`;
    await post(server, [{ user_id: 'ada', event }], {}, 'publish_events');
    const { page } = await openPage(server.url);
    const pill = page.locator('.row .pill');
    await pill.waitFor();
    const fit = await pill.evaluate((element) => {
      const cell = element.parentElement?.getBoundingClientRect();
      const style = element.ownerDocument.defaultView?.getComputedStyle(element);
      return [element.getBoundingClientRect().right <= (cell?.right ?? 0), style?.textOverflow];
    });
    expect(fit).toEqual([true, 'ellipsis']);
  });

  test('lists, quotes and tables of an answer from right to left stand on the right', async () => {
    const server = await useServer();
    const generation = [
      'عاصمة فرنسا هي **باريس**.',
      '- واحد\n- اثنان',
      '> اقتباس',
      '| أول | ثان |\n|---|---|\n| ١ | ٢ |',
      'Then in English.',
      '- one\n- two',
    ].join('\n\n');
    await post(server, [prompt({ generation })]);
    const { page } = await openPage(`${server.url}/?record=${server.records()[0]?.id}`);
    await page.locator('.markdown ul').first().waitFor();
    const directions = (selector: string): Promise<string[]> =>
      page
        .locator(`.markdown ${selector}`)
        .evaluateAll((elements) =>
          elements.map(
            (element) => element.ownerDocument.defaultView?.getComputedStyle(element).direction ?? '',
          ),
        );
    expect(await directions('ul')).toEqual(['rtl', 'ltr']);
    expect(await directions('blockquote')).toEqual(['rtl']);
    expect(await directions('table')).toEqual(['rtl']);
    const [first, second] = await page.locator('.markdown th').all();
    expect((await first?.boundingBox())?.x).toBeGreaterThan((await second?.boundingBox())?.x ?? Infinity);
    // Texts stand where their own language begins.
    const gaps = await page.locator('.markdown > p').evaluateAll((elements) =>
      elements.map((element) => {
        const range = element.ownerDocument.createRange();
        range.selectNodeContents(element);
        const [text, box] = [range.getBoundingClientRect(), element.getBoundingClientRect()];
        return text.left - box.left > box.right - text.right ? 'right' : 'left';
      }),
    );
    expect(gaps).toEqual(['right', 'left']);
  });

  test('a latency that was measured in one interval alone is a point of the plot', async () => {
    const server = await useServer();
    for (const day of [0, 1, 2])
      await post(
        server,
        Array.from({ length: 100 }, (_, hour) => prompt({ timestamp: before(24 * 60 * day + 14 * hour) })),
      );
    await post(server, [prompt({ timestamp: before(24 * 60), latency: 2.5 })]);
    const { page } = await openPage(`${server.url}/overview`);
    expect((await inkOf(page, 'Latency')).hued).toBeGreaterThan(10);
  });

  test('the value axis of a plot has room for its longest label', async () => {
    const server = await useServer();
    await post(server, [
      prompt({
        assistant_id: 'gpt-4o',
        properties: { provider: 'openai', input_tokens: 1, output_tokens: 1 },
      }),
    ]);
    const { page } = await openPage(`${server.url}/overview`);
    expect((await inkOf(page, 'Cost')).leftmost).toBeGreaterThan(1);
  });

  test('names in the key of a plot stay beside their colour on a phone, and dialogs keep their margin', async () => {
    const server = await useServer();
    await post(
      server,
      ['claude-sonnet-4-20250514', 'gpt-4o-mini', `house-${'model'.repeat(20)}`].map((assistant_id) =>
        prompt({ assistant_id }),
      ),
    );
    const { page } = await openPage(`${server.url}/explore?step=day&since=7d&by=model`, {
      viewport: { width: 375, height: 800 },
    });
    const names = page.locator('.plot-key').first().locator('span');
    await names.first().waitFor();
    expect(await names.count()).toBe(3);
    for (const name of await names.all()) {
      const { x = 0, width = 0, height = 0 } = (await name.boundingBox()) ?? {};
      expect(x + width).toBeLessThanOrEqual(375);
      expect(height).toBeLessThan(24);
    }
    await page.goto(`${server.url}/overview`);
    await page.getByRole('button', { name: 'Change the time zone' }).click();
    const dialog = await page.locator('dialog').boundingBox();
    for (const control of await page.locator('dialog :is(input, button)').all()) {
      const { x = 0, width = 0 } = (await control.boundingBox()) ?? {};
      expect(x + width).toBeLessThanOrEqual((dialog?.x ?? 0) + (dialog?.width ?? 0) - 20);
    }
  });

  test('a view is printed whole, in light colours, and without what can only be clicked', async () => {
    const server = await useServer();
    await post(
      server,
      Array.from({ length: 60 }, (_, index) =>
        prompt({ thread_id: 'long', user_id: `user ${index}`, assistant_id: `model ${index % 9}` }),
      ),
    );
    const { page } = await openPage(server.url, {
      viewport: { width: 720, height: 500 },
      colorScheme: 'dark',
    });
    const views = ['/summary', '/overview', '/people', '/explore?by=user', '/conversations?open=long'];
    for (const view of [
      ...views,
      '/conversations?open=long&reading=1',
      `/?record=${server.records()[0]?.id}`,
    ]) {
      await page.goto(server.url + view);
      await settled(page);
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      const shown = () =>
        page.evaluate(`(() => {
        const isCut = (element) => element.clientHeight > 0 && element.scrollHeight > element.clientHeight + 2 && /auto|scroll|hidden/.test(getComputedStyle(element).overflowY);
        const isLarge = (element) => element.clientHeight > 100 && element.checkVisibility();
        return {
          cut: [...document.querySelectorAll('body, body *')].filter((element) => isCut(element) && isLarge(element)).map((element) => element.className),
          isLonger: document.documentElement.scrollHeight > innerHeight,
          header: document.querySelector('.header')?.checkVisibility() ?? false,
          colours: getComputedStyle(document.documentElement).colorScheme,
        };
      })()`);
      // The text of a record comes after the page has settled.
      await expect
        .poll(shown, { message: view, timeout: 10_000 })
        .toEqual({ cut: [], isLonger: true, header: false, colours: 'light' });
      await page.emulateMedia({ media: null });
    }
    await page.goto(`${server.url}/overview?model=model%201`);
    await expectText(page, '.chip', /model model 1/);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.filters').innerText()).toMatch(/^model model 1\s*$/);
  });
});
