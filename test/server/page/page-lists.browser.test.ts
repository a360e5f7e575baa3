import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import type { RunningServer } from '../../../src/server/index.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';

const FIRST_ROW = '.rows .row >> nth=0';
const LONG = 'id-without-any-place-to-break-'.repeat(12).replaceAll('-', '_');
const HOUR = 3_600_000;

async function postAll(server: RunningServer, items: readonly unknown[], path?: string): Promise<void> {
  for (let i = 0; i < items.length; i += 100) await post(server, items.slice(i, i + 100), {}, path);
}

/** Returns texts and bars that reach out of the card that they are in, over the next one. */
function outOfCards(page: Page): Promise<string[]> {
  return page.evaluate(`
    [...document.querySelectorAll('.card')].flatMap((card) => {
      const { left, right } = card.getBoundingClientRect();
      return [...card.querySelectorAll('*')]
        .filter((element) => !element.closest('.visually-hidden, .property-table, .plot-tooltip'))
        .filter((element) => {
          const box = element.getBoundingClientRect();
          return box.width > 0 && (box.left < left - 1 || box.right > right + 1);
        })
        .map((element) => element.outerHTML.slice(0, 80));
    })
  `);
}

/** Returns elements that reach out of the window, unless they are in a box of one line that cuts them, or in a table that scrolls. */
function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(`
    [...document.querySelectorAll('main *')]
      .filter((element) => {
        const box = element.getBoundingClientRect();
        if (box.width === 0 || element.closest('.visually-hidden, .table-box, .property-table')) return false;
        if (box.right <= innerWidth + 1 && box.left >= -1) return false;
        for (let outer = element.parentElement; outer; outer = outer.parentElement) {
          const { left, right } = outer.getBoundingClientRect();
          if (getComputedStyle(outer).overflowX !== 'visible' && right <= innerWidth + 1 && left >= -1) return outer.matches('.list, .detail, .overview, main');
        }
        return true;
      })
      .map((element) => element.outerHTML.slice(0, 80))
  `);
}

/** A turn of an agent with its calls, which arrive before it. */
async function postTurn(server: RunningServer, id: string, calls = 3): Promise<void> {
  const steps = Array.from({ length: calls }, (_, i) => ({
    user_id: 'ada',
    event: 'LLM call',
    timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, i)).toISOString(),
    properties: {
      $event_id: `${id}-${i}`,
      turn_id: id,
      model: 'gpt-4o',
      latency: 0.5,
      generation: `step ${i}`,
    },
  }));
  await post(server, steps.toReversed(), {}, 'publish_events');
  await post(server, [prompt({ prompt: `Ask ${id}`, properties: { $event_id: id, call_count: calls } })]);
}

describe.skipIf(chromiumPath === undefined)('lists of the page', () => {
  const openPage = useBrowser();

  test('a turn folds its calls, which the mouse and the arrow keys unfold in order of time', async () => {
    const server = await useServer();
    await postTurn(server, 'turn-1');
    await post(server, [prompt({ prompt: 'single' })]);
    const { page, problems } = await openPage(server.url);
    await expectText(page, '.rows .row >> nth=1', /3 calls\s+folded\s+Ask turn-1/);
    expect(await page.locator('.rows .row').count()).toBe(2);
    await page.locator('.fold').click();
    await expect.poll(() => page.locator('.rows .row').count()).toBe(5);
    for (const [row, step] of [
      [2, 'step 0'],
      [3, 'step 1'],
      [4, 'step 2'],
    ] as const)
      await expectText(
        page,
        `.rows .row >> nth=${row}`,
        new RegExp(`LLM call\\s+${step}\\s+gpt-4o\\s+500 ms`),
      );
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.locator('.detail').count()).toBe(0);
    await page.locator('.fold').click();
    await expect.poll(() => page.locator('.rows .row').count()).toBe(2);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.locator('.rows .row').count()).toBe(5);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await expectText(page, '.detail', 'step 0');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => page.locator('.rows .row').count()).toBe(2);
    expect(problems).toEqual([]);
  });

  test('the list is in order of time when asked for, also with records that arrive late and beyond its first page', async () => {
    const server = await useServer();
    const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
    const asked = (minute: number): unknown => prompt({ prompt: `minute ${minute}.`, timestamp: at(minute) });
    // The latest arrives first.
    await postAll(
      server,
      Array.from({ length: 450 }, (_, i) => asked(1000 - 2 * i)),
    );
    const { page, problems } = await openPage(server.url);
    await expectText(page, FIRST_ROW, 'minute 102.');
    await page.getByLabel('Order').selectOption('By time');
    await expectText(page, FIRST_ROW, 'minute 1000.');
    await expectText(page, '.rows .row >> nth=1', 'minute 998.');
    expect(page.url()).toContain('order=time');
    await post(server, [asked(999)]);
    await expectText(page, '.rows .row >> nth=1', 'minute 999.');
    await page.keyboard.press('p');
    await post(server, [asked(1001)]);
    await page.keyboard.press('p');
    await expectText(page, FIRST_ROW, 'minute 1001.');
    await page.reload();
    await expectText(page, FIRST_ROW, 'minute 1001.');
    await expect
      .poll(async () => {
        await page.locator('.rows').evaluate((rows) => rows.scrollTo(0, rows.scrollHeight));
        return page.locator('.rows .row:last-child').textContent();
      })
      .toContain('minute 102.');
    await post(server, [asked(1002)]);
    await page.getByRole('button', { name: 'Newer records' }).click();
    await expectText(page, FIRST_ROW, 'minute 1002.');
    await page.getByLabel('Order').selectOption('By arrival');
    await expectText(page, '.rows .row >> nth=1', 'minute 1001.');
    expect(problems).toEqual([]);
  });

  test('person, model and tag of an open record lead to records under the same other filters', async () => {
    const server = await useServer();
    const record = (fields: object): unknown =>
      prompt({ assistant_id: 'gpt-4o', properties: { tags: ['beta'] }, ...fields });
    await post(server, [record({ prompt: 'needle' }), record({ prompt: 'hay' }), record({ user_id: 'bob' })]);
    const { page, problems } = await openPage(`${server.url}/?q=needle&kind=prompt&user=ada&user=bob`);
    for (const [name, value] of [
      ['user', 'ada'],
      ['model', 'gpt-4o'],
      ['tag', 'beta'],
    ] as const) {
      await page.locator(FIRST_ROW).click();
      await page.locator('.facts').getByRole('link', { name: value, exact: true }).click();
      await expect.poll(() => new URL(page.url()).searchParams.getAll(name)).toEqual([value]);
      const { searchParams } = new URL(page.url());
      expect(searchParams.get('q')).toBe('needle');
      expect(searchParams.get('kind')).toBe('prompt');
      expect(searchParams.get('record')).toBeNull();
      await expectText(page, '.filters', '1 record');
    }
    expect(problems).toEqual([]);
  });

  test('every link of an open record keeps the other filters', async () => {
    const server = await useServer();
    const common = { assistant_id: 'gpt-4o', thread_id: 't-1' };
    const [turn, call, thumb] = ['turn-1', 'call-1', 'thumb-1'];
    await post(server, [
      prompt({ ...common, properties: { $event_id: turn, call_count: 1, plan: 'free' } }),
      prompt({ user_id: 'bob', prompt: 'of bob' }),
    ]);
    const event = (id: string, name: string, properties: object): unknown => ({
      user_id: 'ada',
      event: name,
      properties: { $event_id: id, ...properties },
    });
    await post(
      server,
      [
        event(call, 'LLM call', { turn_id: turn, generation: 'the answer of the call' }),
        event(thumb, 'User feedback', { record_id: turn, score: 1 }),
      ],
      {},
      'publish_events',
    );
    const { page, problems } = await openPage(server.url);
    for (const [record, link, path, expected] of [
      [turn, 't-1', '/conversations', { open: 't-1' }],
      [turn, 'unknown', '/', { record: call }],
      [turn, 'free', '/', { 'prop.plan': 'free' }],
      [call, 'a turn of several calls', '/', { record: turn }],
      [thumb, 'The answer that it is about', '/', { record: turn }],
    ] as const) {
      await page.goto(`${server.url}/?user=ada&record=${record}`);
      await page.locator('.detail').getByRole('link', { name: link, exact: true }).click();
      await expect
        .poll(() => Object.fromEntries(new URL(page.url()).searchParams))
        .toEqual({ user: 'ada', ...expected });
      expect(new URL(page.url()).pathname).toBe(path);
    }
    await page.goto(`${server.url}/conversations?user=ada&open=t-1`);
    await page.getByRole('link', { name: 'As records' }).click();
    await expect
      .poll(() => Object.fromEntries(new URL(page.url()).searchParams))
      .toEqual({ user: 'ada', thread: 't-1' });
    await page.goBack();
    await page.locator('.chat').getByRole('link').first().click();
    await expect
      .poll(() => Object.fromEntries(new URL(page.url()).searchParams))
      .toEqual({ user: 'ada', record: turn });
    expect(problems).toEqual([]);
  }, 60_000);

  test('all people can be shown, whatever they are sorted by', async () => {
    const server = await useServer();
    await postAll(
      server,
      Array.from({ length: 1100 }, (_, i) => prompt({ user_id: `person ${String(i).padStart(4, '0')}` })),
    );
    const { page } = await openPage(`${server.url}/people`);
    await expectText(page, '.more', '600 are not shown');
    await page.getByRole('button', { name: 'Person' }).click();
    await page.getByRole('button', { name: 'Show 500 more' }).click();
    await page.getByRole('button', { name: 'Show 100 more' }).click();
    await expectText(page, '.people tbody tr >> nth=1099', 'person 1099');
    expect(await page.locator('.more').count()).toBe(0);
  });

  test('calls fold as soon as their turn arrives, and stand alone where it is filtered out', async () => {
    const server = await useServer();
    const { page } = await openPage(server.url);
    await expectText(page, '.live', 'Live');
    await postTurn(server, 'turn-1');
    await expectText(page, FIRST_ROW, /3 calls/);
    expect(await page.locator('.rows .row').count()).toBe(1);
    await page.getByLabel('Kind').selectOption('event');
    await expect.poll(() => page.locator('.rows .row').count()).toBe(3);
    // The address of a call shows it within its turn.
    await page.goto(`${server.url}/?record=turn-1-1`);
    await expect.poll(() => page.locator('.rows .row').count()).toBe(4);
    await expectText(page, '.rows [aria-selected="true"]', 'step 1');
  });

  test('a list of turns with many calls loads until it is full, and to its end', async () => {
    const server = await useServer();
    for (let i = 0; i < 15; i++) await postTurn(server, `turn-${i}`, 60);
    const { page } = await openPage(server.url);
    await expect.poll(() => page.locator('.rows .row').count()).toBe(15);
    await expectText(page, '.rows .row:last-child', /60 calls/);
  });

  test('a conversation pages through all of its records and follows new ones', async () => {
    const server = await useServer();
    const count = 450;
    await postAll(
      server,
      Array.from({ length: count }, (_, i) =>
        prompt({
          thread_id: 't',
          prompt: `q${i}`,
          timestamp: new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString(),
          properties: { $event_id: `r${i}` },
        }),
      ),
    );
    const { page } = await openPage(`${server.url}/conversations?open=t`);
    await expectText(page, '.earlier', 'The latest 200 of 450 records');
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Show earlier' }).click();
    await expectText(page, '.earlier', 'The latest 400 of 450 records');
    await post(server, [prompt({ thread_id: 't', prompt: 'the newest', timestamp: '2026-02-01T00:00:00Z' })]);
    await expectText(page, '.chat', 'the newest');
    await page.getByRole('button', { name: 'Show earlier' }).click();
    await expect.poll(() => page.locator('.earlier').count()).toBe(0);
    const questions = await page.locator('.from-user .text').allInnerTexts();
    expect(questions).toEqual([...Array.from({ length: count }, (_, i) => `q${i}`), 'the newest']);
    await fetch(`${server.url}/api/records/r0`, { method: 'DELETE' });
    await expect.poll(() => page.locator('.from-user .text').count()).toBe(count);
    expect(await page.locator('.from-user .text').first().innerText()).toBe('q1');
  }, 40_000);

  test('the list of conversations shows all of them, step by step', async () => {
    const server = await useServer();
    await postAll(
      server,
      Array.from({ length: 450 }, (_, i) => prompt({ thread_id: `t${i}`, prompt: `q${i}` })),
    );
    const { page } = await openPage(`${server.url}/conversations`);
    await expectText(page, '.list-bar', '450 conversations');
    await page.getByRole('button', { name: 'Show 200 more' }).click();
    await page.getByRole('button', { name: 'Show 50 more' }).click();
    await expect.poll(() => page.locator('.thread-list a').count()).toBe(450);
    expect(await page.locator('.more').count()).toBe(0);
  });

  test('conversations are sorted within a time range, and the order is kept in the URL', async () => {
    const server = await useServer();
    const now = Date.now();
    const one = (thread_id: string, hoursAgo: number, tokens: number) =>
      prompt({
        thread_id,
        prompt: thread_id,
        timestamp: new Date(now - hoursAgo * HOUR).toISOString(),
        properties: { input_tokens: tokens },
      });
    await post(server, [
      one('long', 50, 1),
      one('long', 49, 1),
      one('long', 48, 1),
      one('long', 2, 1),
      one('costly', 3, 900),
      one('pair', 5, 10),
      one('pair', 4, 10),
    ]);
    const { page } = await openPage(`${server.url}/conversations`);
    const order = () => page.locator('.thread-prompt').allInnerTexts();
    await expect.poll(order).toEqual(['long', 'costly', 'pair']);
    await page.getByLabel('Order').selectOption('prompts');
    await expect.poll(order).toEqual(['long', 'pair', 'costly']);
    await page.getByLabel('Time').selectOption('24h');
    await expect.poll(order).toEqual(['pair', 'long', 'costly']);
    await page.getByLabel('Order').selectOption('tokens');
    await expect.poll(order).toEqual(['costly', 'pair', 'long']);
    await expectText(page, '.thread-facts', '900 tokens');
    await page.getByLabel('Order').selectOption('earliest');
    await expect.poll(order).toEqual(['pair', 'costly', 'long']);
    await page.reload();
    await expect.poll(order).toEqual(['pair', 'costly', 'long']);
    await page.goBack();
    await expect.poll(order).toEqual(['costly', 'pair', 'long']);
  });

  test('each bubble of a chat leads to its record, and Back to the chat', async () => {
    const server = await useServer();
    await post(server, [prompt({ thread_id: 't', properties: { $event_id: 'r1' } })]);
    const failed = { error_type: 'Timeout', prompt: 'Why?', $event_id: 'e1', $thread_id: 't' };
    await post(server, [{ user_id: 'ada', event: 'LLM error', properties: failed }], {}, 'publish_events');
    const { page } = await openPage(`${server.url}/conversations?open=t`);
    for (const [bubble, id, text] of [
      ['.from-model', 'r1', 'A step of a trace.'],
      ['.chat-event', 'e1', 'Timeout'],
    ] as const) {
      await page.locator(bubble).getByRole('link', { name: 'open the record' }).click();
      await expectText(page, '.detail', text);
      expect(new URL(page.url()).searchParams.get('record')).toBe(id);
      await page.goBack();
      await page.locator('.chat').waitFor();
    }
  });

  test('the time of each row is readable at 1280 pixels with a record open', async () => {
    const server = await useServer();
    await post(server, [
      prompt({ timestamp: '2026-11-28T22:58:00Z', properties: { $event_id: 'r1' } }),
      prompt({ timestamp: '2023-10-28T22:58:00Z' }),
      prompt({}),
    ]);
    const { page } = await openPage(`${server.url}/?record=r1`);
    await expectText(page, '.detail .facts', 'ada');
    const times = page.locator('.rows time');
    expect(await times.count()).toBe(3);
    for (const time of await times.all())
      expect(await time.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)).toBe(true);
  });

  test('columns are aligned with their names at 400 pixels, and rows with each other', async () => {
    const server = await useServer();
    await post(server, [prompt({ assistant_id: 'gpt-4o', latency: 1 }), prompt({})]);
    await post(server, [{ user_id: 'bob', event: 'Sign up' }], {}, 'publish_events');
    await post(server, [{ user_id: 'bob' }]);
    const { page } = await openPage(`${server.url}/people`, { viewport: { width: 400, height: 800 } });
    for (const path of ['/people', '/rejected']) {
      await page.goto(server.url + path);
      await page.locator('tbody tr').first().waitFor();
      const lefts = await page.evaluate<[number, number][]>(`
        [...document.querySelectorAll('thead th')].flatMap((name, i) => {
          const cell = document.querySelector('tbody tr').children[i];
          const edge = (element) => {
            const range = document.createRange();
            range.selectNodeContents(element.querySelector('button, a') ?? element);
            const box = range.getBoundingClientRect();
            return Math.round(element.classList.contains('number') ? box.right : box.left);
          };
          return cell.innerText === '' ? [] : [[edge(name), edge(cell)]];
        })
      `);
      for (const [name, cell] of lefts) expect(Math.abs(name - cell)).toBeLessThanOrEqual(1);
    }
    await page.goto(server.url);
    await page.locator('.rows .row').nth(2).waitFor();
    const tops = await page.evaluate(`
      [...document.querySelectorAll('.rows .row')].map((row) =>
        Math.round(row.querySelector('.row-user').getBoundingClientRect().top - row.getBoundingClientRect().top))
    `);
    expect(new Set(tops as number[]).size).toBe(1);
  });

  test.each([2560, 1280, 400])(
    'no long id pushes anything out of the page at %i pixels',
    async (width) => {
      const server = await useServer();
      const properties = { $event_id: 'r1', tags: [LONG], [LONG]: LONG, tool_calls: [LONG] };
      await post(server, [
        prompt({
          user_id: LONG,
          thread_id: LONG,
          assistant_id: LONG,
          prompt: LONG,
          generation: LONG,
          properties,
        }),
      ]);
      await post(
        server,
        [
          { user_id: LONG, event: LONG, properties: { error_type: LONG, $thread_id: LONG } },
          { user_id: LONG, event: 'Evaluation', properties: { record_id: 'r1', name: LONG, label: LONG } },
        ],
        {},
        'publish_events',
      );
      await post(server, [{ [LONG]: 1 }], { 'user-agent': LONG });
      const { page } = await openPage('about:blank', { viewport: { width, height: 800 } });
      for (const path of [
        '/',
        '/?record=r1',
        `/?user=${LONG}`,
        '/conversations',
        `/conversations?open=${LONG}`,
        '/people',
        '/overview',
        '/rejected',
      ]) {
        await page.goto(server.url + path);
        await page
          .locator(':is(.rows .row, .detail .facts, .chat li, table, .tile-value, .thread-list a):visible')
          .first()
          .waitFor();
        expect([path, await overflowing(page)]).toEqual([path, []]);
        expect([path, await outOfCards(page)]).toEqual([path, []]);
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
        expect(
          await page.evaluate('(document.querySelector(".filters")?.scrollWidth ?? 0) <= innerWidth'),
        ).toBe(true);
      }
      await page.goto(`${server.url}/people`);
      const columns = page.locator('.people td >> nth=0');
      // The table is as wide as the page, and its last column the widest.
      expect((await columns.boundingBox())?.x).toBeLessThan(Math.max(250, 0.32 * width));
    },
    60_000,
  );

  test('the controls of the filters can be read at 400 pixels, whatever is filtered', async () => {
    const server = await useServer();
    await post(server, [prompt({})]);
    const { page } = await openPage('about:blank', { viewport: { width: 400, height: 800 } });
    for (const path of ['/', '/?user=ada', '/?user=ada&model=gpt-4o&tag=beta', '/people?user=ada']) {
      await page.goto(server.url + path);
      await page.getByRole('button', { name: /^Filters/ }).click();
      await page.getByLabel('Kind').waitFor();
      const widths = await page
        .locator('.filters select')
        .evaluateAll((selects) => selects.map((select) => select.getBoundingClientRect().width));
      expect([path, Math.min(...widths)]).toEqual([path, expect.toSatisfy((width: number) => width >= 100)]);
      await page.getByText('Filter', { exact: true }).click();
      const menu = await page.locator('form.menu-body').boundingBox();
      expect([path, menu?.x, menu?.width]).toEqual([path, 12, 376]);
    }
    await page.goto(`${server.url}/conversations?open=${LONG}`);
    const bar = page.getByRole('link', { name: 'As records' });
    expect((await bar.boundingBox())?.height).toBeLessThan(40);
  });

  test('an empty view says that filters are the reason, and offers to remove them', async () => {
    const server = await useServer();
    await post(server, [prompt({ thread_id: 't' })]);
    const { page } = await openPage('about:blank');
    for (const [path, found] of [
      ['/', '.rows .row'],
      ['/conversations', '.thread-list a'],
      ['/people', '.people tbody tr'],
      ['/overview', '.tiles'],
    ] as const) {
      await page.goto(`${server.url}${path}?user=ada&tag=none`);
      await expectText(page, '.message', /Nothing matches[\s\S]*all of these filters/);
      expect(await axeViolations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Remove all filters' }).click();
      await page.locator(found).first().waitFor();
      expect(page.url()).toBe(`${server.url}${path}`);
      await page.goBack();
      await expectText(page, '.message', 'Nothing matches');
    }
    await fetch(`${server.url}/api/records`, { method: 'DELETE' });
    await page.goto(`${server.url}/people`);
    await expectText(page, '.message', 'Nobody yet');
    expect(await page.getByRole('button', { name: 'Remove all filters' }).count()).toBe(0);
  });

  test('conversations with a total of tokens alone say it, and are in its order', async () => {
    const server = await useServer();
    await post(server, [
      prompt({ thread_id: 'parts', properties: { input_tokens: 10, output_tokens: 10 } }),
      prompt({ thread_id: 'total', properties: { total_tokens: 500 } }),
    ]);
    const { page } = await openPage(`${server.url}/conversations?order=tokens`);
    await expectText(page, '.thread-list li >> nth=0', '500 tokens');
    await expectText(page, '.thread-list li >> nth=1', '20 tokens');
  });

  test.each([
    ['light', 400],
    ['light', 1280],
    ['dark', 400],
    ['dark', 1280],
  ] as const)(
    'lists, folds, tables of plots and messages are accessible in %s at %i pixels',
    async (colorScheme, width) => {
      const server = await useServer();
      await postTurn(server, 'turn-1');
      await post(server, [prompt({ thread_id: 't0' }), prompt({ thread_id: 't1' })]);
      const { page, problems } = await openPage('about:blank', {
        viewport: { width, height: 800 },
        colorScheme,
      });
      for (const [path, content] of [
        ['/conversations', '.list-bar select'],
        ['/conversations?open=t0', '.from-model a'],
        ['/?record=turn-1-1', '.row[data-call="true"], .detail .facts'],
        ['/overview', '.plot-table'],
      ] as const) {
        await page.goto(server.url + path);
        await page.locator(`:is(${content}):visible`).first().waitFor();
        for (const summary of await page.locator('.plot-table summary').all()) await summary.click();
        expect([path, await axeViolations(page)]).toEqual([path, []]);
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      }
      expect(problems).toEqual([]);
      await page.goto(`${server.url}/people?since=yesterday`);
      await page.locator('.message button').first().waitFor();
      expect(await axeViolations(page)).toEqual([]);
    },
    40_000,
  );

  test('each plot has a table with the same numbers', async () => {
    const server = await useServer();
    const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 10, minute)).toISOString();
    await post(server, [
      prompt({ timestamp: at(0), latency: 2, properties: { input_tokens: 5, output_tokens: 7 } }),
      prompt({ timestamp: at(0), latency: 2 }),
      prompt({ timestamp: at(50), latency: 4 }),
    ]);
    const { page } = await openPage(`${server.url}/overview`, { timezoneId: 'UTC' });
    await page.locator('.plot-table').first().waitFor();
    const names = await page.locator('.plot h2').allInnerTexts();
    expect(names.length).toBeGreaterThanOrEqual(3);
    for (const summary of await page.locator('.plot-table summary').all()) await summary.click();
    for (const name of names) {
      const table = page.getByRole('region', { name: `${name} as a table` });
      const rows = await table.locator('tbody tr').allInnerTexts();
      expect([name, rows[0]]).toEqual([name, expect.stringMatching(/^1 Mar 2026, 10:00 – 10:0\d/)]);
      expect([name, rows.length]).toEqual([name, name === 'Tokens' ? 1 : 2]);
    }
    const rows = (name: string) =>
      page.getByRole('region', { name: `${name} as a table` }).locator('tbody tr');
    expect(await rows('Prompts').first().locator('td').first().innerText()).toBe('2');
    expect(await rows('Latency').last().locator('td').first().innerText()).toBe('4 s');
    expect(await axeViolations(page)).toEqual([]);
  });
});
