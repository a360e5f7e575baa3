import { describe, expect, test } from 'vitest';
import type { RunningServer } from '../../../src/server/index.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';

const XSS = '<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>';
const FIRST_ROW = '.rows .row >> nth=0';

async function seed(server: RunningServer): Promise<void> {
  const tokens = { input_tokens: 1200, output_tokens: 34, total_tokens: 1234 };
  await post(server, [
    prompt({
      thread_id: 't1',
      assistant_id: 'gpt-4o',
      latency: 1.5,
      properties: { $event_id: 'first', ...tokens },
    }),
    prompt({
      user_id: 'bob',
      prompt: XSS,
      generation: XSS,
      thread_id: 't1',
      properties: { $event_id: 'xss', tags: ['<b>'] },
    }),
    prompt({
      user_id: 'cleo',
      prompt: 'What is the weather?',
      generation: 'get_weather({"city":"Oslo"})',
      thread_id: 't2',
      properties: { $event_id: 'tool', tool_calls: ['get_weather'], environment: 'dev' },
    }),
    prompt({ user_id: 'cleo', prompt: 'What is the weather?', generation: 'Rain.', thread_id: 't2' }),
    prompt({
      user_id: 'مريم',
      prompt: 'ما هي عاصمة مصر؟ 👨‍👩‍👧‍👦',
      generation: 'القاهرة',
      assistant_id: 'm2',
      properties: { $event_id: 'rtl' },
    }),
  ]);
  const failed = { error_type: 'RateLimitError', model: 'gpt-4o', prompt: 'Why?' };
  await post(server, [{ user_id: 'bob', event: 'LLM error', properties: failed }], {}, 'publish_events');
  await post(server, [{ user_id: 'bob' }]);
}

describe.skipIf(chromiumPath === undefined)('the page', () => {
  const openPage = useBrowser();

  test('the page of an empty server shows what to set, with its own port', async () => {
    const server = await useServer();
    const { page, problems } = await openPage(server.url);
    await expectText(page, '.empty', `TRUBRICS_HOST=${server.ingestionUrl}`);
    await expectText(page, '.empty', 'callbacks: [trubricsHandler()]');
    await expectText(page, '.empty', 'node --import opentelemetry-exporter-trubrics/register app.mjs');
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
  });

  test('the page shows records as they arrive, latest first, and replaces those sent again', async () => {
    const server = await useServer();
    const { page } = await openPage(server.url);
    await expectText(page, '.live', 'Live');
    await post(server, [prompt({ prompt: 'one', properties: { $event_id: '1' } })]);
    await expectText(page, FIRST_ROW, 'one');
    await post(server, [
      prompt({ prompt: 'two', assistant_id: 'gpt-4o', latency: 0.42, properties: { total_tokens: 12_345 } }),
    ]);
    await expectText(page, FIRST_ROW, /ada\s+two\s+A step of a trace\.\s+gpt-4o\s+420 ms\s+12,345/);
    await post(server, [prompt({ prompt: 'one again', properties: { $event_id: '1' } })]);
    await expectText(page, '.rows .row >> nth=1', 'one again');
    expect(await page.locator('.rows .row').count()).toBe(2);
    await expectText(page, '.filters', '2 records');
  });

  test('the page shows no new records while it is paused', async () => {
    const server = await useServer();
    await post(server, [prompt({ prompt: 'before' })]);
    const { page } = await openPage(server.url);
    await expectText(page, FIRST_ROW, 'before');
    await page.keyboard.press('p');
    await post(server, [prompt({ prompt: 'meanwhile' })]);
    await expectText(page, '.live', 'Paused · 1 new');
    await expectText(page, FIRST_ROW, 'before');
    await page.keyboard.press('p');
    await expectText(page, FIRST_ROW, 'meanwhile');
  });

  test('the page reconnects and reloads after a restart of the server', async () => {
    const first = await useServer();
    const { page } = await openPage(first.url);
    await expectText(page, '.live', 'Live');
    await first.close();
    await expectText(page, '.live', 'Reconnecting');
    const second = await useServer({ port: first.port });
    await post(second, [prompt({ prompt: 'after the restart' })]);
    await expectText(page, FIRST_ROW, 'after the restart');
    await expectText(page, '.live', 'Live');
  });

  test('the page shows recorded HTML as text in every view', async () => {
    const server = await useServer();
    await seed(server);
    const { page, problems } = await openPage(`${server.url}/?record=xss`);
    await expectText(page, '.detail .text', XSS);
    expect(await page.locator('.rows .row', { hasText: XSS }).count()).toBe(1);
    await page.goto(`${server.url}/conversations?open=t1`);
    await expectText(page, '.chat', XSS);
    await page.goto(`${server.url}/?q=${encodeURIComponent(XSS)}&user=${encodeURIComponent(XSS)}`);
    await expectText(page, '.chip', XSS);
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
    expect(problems).toEqual([]);
  });

  test('the page can be searched, stepped through and closed with the keyboard', async () => {
    const server = await useServer();
    await post(
      server,
      ['one', 'two', 'three'].map((text) => prompt({ prompt: text })),
    );
    const { page } = await openPage(server.url);
    await expectText(page, FIRST_ROW, 'three');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await expectText(page, '.detail .text', 'two');
    await page.keyboard.press('j');
    await expectText(page, '.detail .text', 'one');
    await page.keyboard.press('k');
    await expectText(page, '.detail .text', 'two');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.detail').count()).toBe(0);
    await page.keyboard.press('/');
    await page.keyboard.type('three');
    await expectText(page, '.filters', '1 record');
    expect(new URL(page.url()).searchParams.get('q')).toBe('three');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await expectText(page, 'dialog', 'Previous record');
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('dialog').count()).toBe(0);
  });

  test('filters of the page combine, are kept in the URL and can be removed', async () => {
    const server = await useServer();
    await seed(server);
    const { page } = await openPage(`${server.url}/?user=cleo`);
    await expectText(page, '.filters', '2 records');
    await page.getByText('Filter', { exact: true }).click();
    await page.getByLabel('By').selectOption('prop');
    await page.getByLabel('Name').fill('environment');
    await page.getByLabel('Value').fill('dev');
    await page.getByRole('button', { name: 'Add filter' }).click();
    await expectText(page, '.filters', '1 record');
    expect(new URL(page.url()).search).toBe('?user=cleo&prop.environment=dev');
    await page.reload();
    await expectText(page, '.filters', '1 record');
    await page.getByRole('button', { name: 'Remove filter person cleo' }).click();
    await expect.poll(() => new URL(page.url()).search).toBe('?prop.environment=dev');
    await page.goBack();
    await expect.poll(() => page.locator('.chip').count()).toBe(2);
    await page.goto(`${server.url}/?error=true`);
    await expectText(page, FIRST_ROW, /Why\?\s+LLM error: RateLimitError\s+gpt-4o/);
  });

  test('the page shows a conversation as a chat with collapsed tool calls', async () => {
    const server = await useServer();
    await seed(server);
    const { page } = await openPage(`${server.url}/conversations`);
    await page.locator('.thread-list a', { hasText: 'weather' }).click();
    await expectText(page, '.chat', /What is the weather\?[\s\S]*Calls get_weather[\s\S]*Rain\./);
    // One question, two calls.
    expect(await page.locator('.from-user').count()).toBe(1);
    await page.locator('.tool-calls summary').click();
    await expectText(page, '.tool-calls pre', 'get_weather({"city":"Oslo"})');
  });

  test('the page deletes all records after a confirmation', async () => {
    const server = await useServer();
    await seed(server);
    const { page } = await openPage(server.url);
    await expectText(page, '.filters', '6 records');
    await page.getByText('More', { exact: true }).click();
    await page.getByRole('button', { name: 'Delete all records …' }).click();
    await expectText(page, 'dialog', 'Delete 6 records?');
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await expectText(page, '.empty', 'Waiting for the first prompt');
    expect(server.records()).toEqual([]);
  });

  const VIEWS = [
    '/',
    '/?record=first',
    '/conversations?open=t2',
    '/people',
    '/overview',
    '/rejected',
    '/?q=nothing',
  ];
  const SIZES = [
    { width: 400, height: 800 },
    { width: 2560, height: 1300 },
  ];
  for (const colorScheme of ['light', 'dark'] as const)
    test.each(VIEWS)(
      `the page at %s is accessible and fits in ${colorScheme}, narrow and wide`,
      async (path) => {
        const server = await useServer();
        await seed(server);
        for (const viewport of SIZES) {
          const { page, problems } = await openPage(server.url + path, { viewport, colorScheme });
          await page
            .locator(':is(.rows .row, .detail .facts, .chat li, table, .tile-value, .message h2):visible')
            .first()
            .waitFor();
          expect(await axeViolations(page)).toEqual([]);
          expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
          const ground = await page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
          expect(ground).toBe(colorScheme === 'light' ? 'rgb(247, 247, 245)' : 'rgb(18, 19, 21)');
          expect(problems).toEqual([]);
        }
      },
    );

  test('the theme of the page can be chosen and survives a reload', async () => {
    const server = await useServer();
    const { page } = await openPage(server.url, { colorScheme: 'dark' });
    await page.getByRole('button', { name: 'Colours' }).click();
    await page.reload();
    const ground = await page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    expect(ground).toBe('rgb(247, 247, 245)');
  });

  test('the page renders few of thousands of records, and loads older ones when scrolled', async () => {
    const server = await useServer();
    for (let i = 0; i < 30; i++)
      await post(
        server,
        Array.from({ length: 100 }, (_, j) => prompt({ prompt: `p${i * 100 + j}` })),
      );
    const { page } = await openPage(server.url);
    await expectText(page, FIRST_ROW, 'p2999');
    for (let i = 0; i < 40; i++) {
      await page.locator('.rows').evaluate((rows) => rows.scrollTo(0, rows.scrollHeight));
      if ((await page.locator('.rows .row').last().innerText()).includes('p0')) break;
      await page.waitForTimeout(50);
    }
    await expectText(page, '.rows .row:last-child', /\bp0\b/);
    expect(await page.locator('.rows .row').count()).toBeLessThan(80);
    // The visible rows stay in place when records arrive above them.
    const before = await page.locator('.rows .row').last().boundingBox();
    await post(server, [prompt({ prompt: 'new' })]);
    await expectText(page, '.filters', '3,001 records');
    expect(await page.locator('.rows .row').last().boundingBox()).toEqual(before);
  });
});
