import { Trubrics } from '@trubrics/trubrics';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { TrubricsSpanExporter } from '../../../src/otel/exporter.js';
import { makeChatSpan } from '../../support/span.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';
import { protobufRequest } from '../../support/otlp-encoder.js';

const FIRST_ROW = '.rows .row >> nth=0';

describe.skipIf(chromiumPath === undefined)('the page', () => {
  const openPage = useBrowser();

  test('the page shows records of the official SDK, our exporter and an OTLP exporter together', async () => {
    const server = await useServer();
    const { page } = await openPage(server.url);
    await expectText(page, '.live', 'Live');

    // The SDK gives no access to its interval timer, which would keep this process alive.
    vi.useFakeTimers({ toFake: ['setInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const sdk = new Trubrics({
      apiKey: 'k',
      host: server.ingestionUrl,
      flushInterval: 10,
      flushBatchSize: 20,
    });
    sdk.trackLLM({ user_id: 'sdk', prompt: 'By the SDK?', generation: 'Yes.', assistant_id: 'm' });
    await sdk.flush();
    vi.useRealTimers();

    const exporter = new TrubricsSpanExporter({ host: server.ingestionUrl });
    const byExporter = makeChatSpan({
      prompt: 'By our exporter?',
      attributes: { 'user.id': 'exporter' },
    });
    await new Promise((resolve) => exporter.export([byExporter], resolve));
    await exporter.shutdown();

    const byOtlp = makeChatSpan({ prompt: 'Over OTLP?', attributes: { 'user.id': 'python' } });
    const response = await fetch(server.tracesUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(protobufRequest([byOtlp])),
    });
    expect(response.status).toBe(200);

    await expectText(page, '.filters', '3 records');
    await expectText(page, FIRST_ROW, /python\s+Over OTLP\?\s+Rome\s+gpt-4o-mini/);
    await expectText(page, '.rows .row >> nth=1', /exporter\s+By our exporter\?\s+Rome/);
    await expectText(page, '.rows .row >> nth=2', /sdk\s+By the SDK\?\s+Yes\./);
  });

  test('the page shows feedback with the answer that it is about', async () => {
    const server = await useServer();
    await post(server, [prompt({ thread_id: 't1', properties: { $event_id: 'r1' } })]);
    const { page, problems } = await openPage(`${server.url}/?record=r1`);
    await expectText(page, '.detail .facts', 'ada');
    const feedback = {
      record_id: 'r1',
      score: -1,
      label: '👎',
      feedback_type: 'thumbs',
      comment: '<b>Too long</b>',
    };
    await post(
      server,
      [{ user_id: 'bob', event: 'User feedback', properties: feedback }],
      {},
      'publish_events',
    );
    await expectText(page, '.detail .feedback', /bob\s+<b>Too long<\/b>/);
    expect(await page.getByRole('img', { name: 'Negative feedback' }).count()).toBe(3);
    expect(await axeViolations(page)).toEqual([]);
    await page.goto(`${server.url}/conversations?open=t1`);
    await expectText(page, '.from-model .feedback', 'Too long');
    // Feedback is not an entry of the chat.
    expect(await page.locator('.chat-event').count()).toBe(0);
    await page.goto(`${server.url}/?about=r1`);
    await expectText(page, '.filters', '1 record');
    await page.locator('.rows .row').click();
    await page.getByRole('link', { name: 'The answer that it is about' }).click();
    await expectText(page, '.detail .text', 'What is a span?');
    await page.goto(`${server.url}/conversations?open=t1`);
    // A later thumb of the same person replaces the first, and a second click takes it back: in the list, the record and the chat.
    const thumbs = page.locator('.from-model .feedback >> nth=0').getByRole('img');
    for (const [score, shown] of [
      [1, ['Positive feedback']],
      [null, []],
    ] as const) {
      const properties = { ...feedback, score, label: undefined, comment: undefined };
      await post(server, [{ user_id: 'bob', event: 'User feedback', properties }], {}, 'publish_events');
      await expectText(
        page,
        '.from-model .replaced-feedback summary',
        score === 1 ? '1 replaced' : '3 replaced',
      );
      expect(await thumbs.evaluateAll((icons) => icons.map((icon) => icon.ariaLabel))).toEqual(shown);
    }
    await page.goto(`${server.url}/?kind=prompt&record=r1`);
    await expectText(page, '.detail .replaced-feedback summary', '3 replaced or cleared ratings');
    expect(await page.locator('.row-answer .mark').count()).toBe(0);
    await page.goto(`${server.url}/?rating=bad`);
    await expectText(page, '.filters', '0 records');
    expect(problems).toEqual([]);
  });

  test('the page shows the calls of a turn and does not count them again', async () => {
    const server = await useServer();
    const tokens = { input_tokens: 100, output_tokens: 20 };
    await post(server, [
      prompt({ thread_id: 't1', properties: { $event_id: 'turn', call_count: 2, ...tokens } }),
    ]);
    const call = { turn_id: 'turn', model: 'gpt-4o', latency: 0.5, input_tokens: 50, output_tokens: 10 };
    await post(
      server,
      ['find_order({"id":1})', 'Done.'].map((generation, i) => ({
        user_id: 'ada',
        event: 'LLM call',
        properties: { ...call, generation, $event_id: `call-${i}`, $thread_id: 't1' },
      })),
      {},
      'publish_events',
    );
    const { page } = await openPage(`${server.url}/?record=turn`);
    await expectText(page, '.property-table', /gpt-4o\s+find_order.*500 ms\s+60[\s\S]*Done\./);
    expect(await axeViolations(page)).toEqual([]);
    await page.locator('.property-table a').first().click();
    await page.getByRole('link', { name: 'a turn of several calls' }).click();
    await expectText(page, '.property-table', 'Done.');
    await page.goto(`${server.url}/conversations?open=t1`);
    await expectText(page, '.chat', 'A step of a trace.');
    expect(await page.locator('.chat-event').count()).toBe(0);
    await page.goto(`${server.url}/overview`);
    await expectText(page, '.tiles', '100 in, 20 out');
  });

  test('filters with several values, a kind and a time can be set with the mouse', async () => {
    const server = await useServer();
    await post(
      server,
      ['ada', 'bob', 'cleo'].map((user_id) => prompt({ user_id, timestamp: '2026-03-01T12:00:00Z' })),
    );
    await post(server, [{ user_id: 'ada', event: 'Sign up' }], {}, 'publish_events');
    const { page, problems } = await openPage(server.url, { timezoneId: 'UTC' });
    await expectText(page, '.filters', '4 records');
    for (const user of ['ada', 'bob']) {
      await page.getByText('Filter', { exact: true }).click();
      await page.getByLabel('Value').fill(user);
      await page.getByRole('button', { name: 'Add filter' }).click();
      await expectText(page, '.chip-group', user);
    }
    await expectText(page, '.filters', '3 records');
    await expectText(page, '.chip-group', /person ada\s*×\s*or bob/);
    await page.getByLabel('Kind').selectOption('prompt');
    await expectText(page, '.filters', '2 records');
    await page.getByText('Filter', { exact: true }).click();
    await page.getByLabel('By').selectOption('until');
    await page.getByRole('textbox', { name: 'Time' }).fill('2026-02-01T00:00');
    await page.getByRole('button', { name: 'Add filter' }).click();
    await expectText(page, '.filters', '0 records');
    expect(new URL(page.url()).search).toBe(
      '?user=ada&user=bob&kind=prompt&until=2026-02-01T00%3A00%3A00.000Z',
    );
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Remove filter until 1 Feb 2026, 00:00' }).click();
    await expectText(page, '.filters', '2 records');
    expect(problems).toEqual([]);
  });

  test('the table of people can be sorted by any column in both directions', async () => {
    const server = await useServer();
    await post(server, [prompt({ user_id: 'bob' }), prompt({ user_id: 'ada' }), prompt({ user_id: 'bob' })]);
    const { page } = await openPage(`${server.url}/people`);
    const first = page.locator('tbody th >> nth=0');
    const order = () => page.locator('th[aria-sort]').getAttribute('aria-sort');
    for (const [column, expected, direction] of [
      ['Prompts', 'bob', 'descending'],
      ['Prompts', 'ada', 'ascending'],
      ['Person', 'ada', 'ascending'],
      ['Person', 'bob', 'descending'],
    ] as const) {
      await page.getByRole('button', { name: column }).click();
      await expect.poll(() => first.innerText()).toBe(expected);
      expect(await order()).toBe(direction);
    }
  });

  test('a record that is deleted disappears from every open page', async () => {
    const server = await useServer();
    await post(server, [prompt({ properties: { $event_id: 'secret' } }), prompt({ prompt: 'stays' })]);
    const { page } = await openPage(`${server.url}/?record=secret`);
    const other = await openPage(server.url);
    await expectText(other.page, '.filters', '2 records');
    await page.getByRole('button', { name: 'Delete record' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    for (const one of [page, other.page]) await expectText(one, '.filters', '1 record');
    await expect.poll(() => other.page.locator('.rows .row').count()).toBe(1);
    expect(server.records()).toMatchObject([{ prompt: 'stays' }]);
  });

  test('the scrolled list stays in place while many records arrive, and offers a way to the top', async () => {
    const server = await useServer();
    const many = (name: string) =>
      Promise.all(
        [0, 1, 2].map((i) =>
          post(
            server,
            Array.from({ length: 100 }, (_, j) => prompt({ prompt: `${name} ${i * 100 + j}` })),
          ),
        ),
      );
    await many('old');
    const { page } = await openPage(server.url);
    await expectText(page, FIRST_ROW, /old/);
    await page.locator('.rows').evaluate((rows) => rows.scrollTo(0, 2000));
    await expect.poll(() => page.locator('#row-50').count()).toBe(1);
    const before = await page.locator('#row-50').innerText();
    await many('new');
    await page.getByRole('button', { name: 'Newer records' }).waitFor();
    expect(await page.locator('#row-50').innerText()).toBe(before);
    await page.getByRole('button', { name: 'Newer records' }).click();
    await expectText(page, FIRST_ROW, /new/);
    await expectText(page, '.filters', '600 records');
  });

  test('the counters of the forwarding follow it while nothing else arrives', async () => {
    const host = await useServer();
    const server = await useServer({ forwardTo: { host: host.ingestionUrl } });
    await post(server, [prompt()]);
    const { page } = await openPage(`${server.url}/overview`);
    await expectText(page, '.forwarding', '1 waiting');
    // It is sent after five seconds.
    await expect.poll(() => page.locator('.forwarding').innerText()).toContain('1 sent');
  });

  test('the overview shows the state and counters of the forwarding', async () => {
    const host = await useServer({ apiKey: 'real' });
    const server = await useServer({ forwardTo: { host: host.ingestionUrl, apiKey: 'wrong' } });
    await post(
      server,
      Array.from({ length: 20 }, () => prompt()),
    );
    const { page } = await openPage(`${server.url}/overview`);
    await expectText(page, '.forwarding', /0 sent/);
    await expect.poll(() => server.forwarding()?.state).toBe('unauthorized');
    await page.reload();
    await expectText(page, '.forwarding', /refuses the key[\s\S]*20 waiting/);
    expect(await axeViolations(page)).toEqual([]);
  });
});
