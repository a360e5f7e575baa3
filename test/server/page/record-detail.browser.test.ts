import { describe, expect, test } from 'vitest';
import type { RunningServer } from '../../../src/server/index.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';

async function postEvents(server: RunningServer, items: readonly unknown[]): Promise<void> {
  for (let i = 0; i < items.length; i += 100)
    await post(server, items.slice(i, i + 100), {}, 'publish_events');
}

function callOf(turn: string, i: number): object {
  return {
    user_id: 'ada',
    event: 'LLM call',
    timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, i)).toISOString(),
    properties: {
      turn_id: turn,
      model: 'gpt-4o',
      generation: `step ${i}.`,
      latency: '0.5',
      input_tokens: '7',
    },
  };
}

describe.skipIf(chromiumPath === undefined)('an open record', () => {
  const openPage = useBrowser();

  test('an open record follows what is delivered again, and is gone when it was deleted elsewhere', async () => {
    const server = await useServer();
    const delivered = (generation: string) =>
      prompt({ generation, properties: { $event_id: 'r1', call_count: 2 } });
    await post(server, [delivered('The first answer.'), prompt({ user_id: 'bob' })]);
    // Its filter does not match the open record.
    const { page } = await openPage(`${server.url}/?record=r1&user=bob`);
    await expectText(page, '.detail', 'The first answer.');
    const other = await openPage(`${server.url}/?record=r1`);
    await expectText(other.page, '.detail', 'The first answer.');
    await post(server, [delivered('The whole answer.')]);
    await expectText(other.page, '.detail', 'The whole answer.');
    await postEvents(server, [callOf('r1', 0), callOf('r1', 1)]);
    await expectText(other.page, '.detail .property-table', /step 0\.\s+500 ms\s+7\s[\s\S]*step 1\./);
    // The second one begins a second after the first: the last third of a second and a half.
    const bars = await other.page
      .locator('.step-track i')
      .evaluateAll((marks) => marks.map((mark) => [mark.style.marginInlineStart, mark.style.width]));
    expect(bars.map((bar) => bar.map((part) => Math.round(Number.parseFloat(part))))).toEqual([
      [0, 33],
      [67, 33],
    ]);
    await expectText(other.page, '.detail tbody tr >> nth=1', /begins after\s+\+1 s/);
    await fetch(`${server.url}/api/records/r1`, { method: 'DELETE' });
    for (const one of [page, other.page]) {
      await expectText(one, '.detail', 'This record is gone.');
      expect(await one.locator('.detail').innerText()).not.toContain('answer.');
    }
  });

  test('an open record links to its trace in the tool that the server was told of', async () => {
    const server = await useServer({ traceUrl: 'https://traces.test/{trace_id}?span={span_id}' });
    const properties = { trace_id: 'a1', span_id: 'b2' };
    await post(server, [
      prompt({ properties: { $event_id: 'r1', ...properties } }),
      prompt({ properties: { $event_id: 'r2' } }),
    ]);
    const { page } = await openPage(`${server.url}/?record=r1`);
    const link = page.getByRole('link', { name: 'Open in traces.test' });
    await link.waitFor();
    expect(await link.getAttribute('href')).toBe('https://traces.test/a1?span=b2');
    await page.goto(`${server.url}/?record=r2`);
    await expectText(page, '.detail', 'A step of a trace.');
    expect(await link.count()).toBe(0);
  });

  test('all calls and all feedback of an open record can be shown, in order of time', async () => {
    const server = await useServer();
    await post(server, [prompt({ properties: { $event_id: 'r1', call_count: '130' } })]);
    const calls = Array.from({ length: 130 }, (_, i) => callOf('r1', i));
    const thumbs = Array.from({ length: 120 }, (_, i) => ({
      user_id: `fan ${i}`,
      event: 'User feedback',
      properties: { record_id: 'r1', score: 1, comment: `comment ${i}.` },
    }));
    await postEvents(server, [...calls.toReversed(), ...thumbs]);
    const { page, problems } = await openPage(`${server.url}/?record=r1`);
    const section = (name: string) =>
      page.locator('.detail-section', { has: page.getByRole('heading', { name, exact: true }) });
    for (const [name, rows, total] of [
      ['Calls of this turn', 'tbody tr', 130],
      ['Feedback', 'li', 120],
    ] as const) {
      await section(name).getByText(`The latest 100 of ${total}`).waitFor();
      expect(await section(name).locator(rows).count()).toBe(100);
      expect(await axeViolations(page)).toEqual([]);
      await section(name).getByRole('button', { name: 'Show all' }).click();
      await expect.poll(() => section(name).locator(rows).count()).toBe(total);
      expect(await section(name).locator('.more-rows').count()).toBe(0);
    }
    const answers = await section('Calls of this turn').locator('.call-answer').allInnerTexts();
    expect(answers).toEqual(Array.from({ length: 130 }, (_, i) => `step ${i}.`));
    expect(problems).toEqual([]);
  }, 60_000);

  test('a chat says that an answer is empty, and leaves out a latency that is not believed', async () => {
    const server = await useServer();
    await post(server, [
      prompt({ thread_id: 't', generation: '', latency: -3 }),
      prompt({ thread_id: 't', latency: 1e12 }),
      prompt({ thread_id: 't', latency: 119.7 }),
    ]);
    const { page } = await openPage(`${server.url}/conversations?open=t`);
    await expectText(page, '.from-model .text', 'empty');
    const names = await page.locator('.from-model .bubble-name').allInnerTexts();
    expect(names.map((name) => name.split(' · ').slice(1))).toEqual([[], [], ['2 m']]);
  });

  test('a record whose texts were erased says so, in the list, by itself and in its conversation', async () => {
    const server = await useServer({ textRetentionDays: 30 });
    const properties = { $event_id: 'old', plan: 'pro', input_tokens: 7 };
    const timestamp = '2026-01-01T00:00:00Z';
    await post(server, [
      prompt({ prompt: 'secret', generation: 'secret', thread_id: 't', timestamp, properties }),
    ]);
    const { page, problems } = await openPage(`${server.url}/?record=old`);
    await expectText(page, '.row-prompt', 'text erased');
    await expectText(page, '.detail', /text erased: it was older than texts are kept\. Its numbers stay\./);
    expect(await axeViolations(page)).toEqual([]);
    await page.goto(`${server.url}/conversations?open=t`);
    await expectText(page, '.from-user', 'text erased');
    await expectText(page, '.from-model', 'text erased');
    expect(await page.locator('body').innerText()).not.toContain('secret');
    expect(problems).toEqual([]);
  });

  test('the message history is folded, and an image of it is loaded on a click alone', async () => {
    const server = await useServer();
    const messages = [
      { omitted: 3 },
      { role: 'user', content: 'Weather in <b>Rome</b>?' },
      { role: 'assistant', tool_calls: [{ name: 'weather', arguments: '{"city":"Rome"}' }] },
      { role: 'tool', tool_results: [{ content: '{"degrees":21}' }] },
      {
        role: 'user',
        media: [
          { modality: 'image', uri: 'https://images.test/sky.png' },
          { modality: 'audio', uri: 'https://audio.test/a.mp3' },
          { modality: 'image', uri: 'javascript:alert(1)' },
        ],
      },
      'odd',
    ];
    await post(server, [prompt({ properties: { $event_id: 'r1', messages } })]);
    const { page } = await openPage(`${server.url}/?record=r1`);
    const requested: string[] = [];
    page.on('request', (request) => requested.push(request.url()));
    await page.getByText('Message history · 4 messages').click();
    await expectText(page, '.history', /3 earlier messages left out.*Weather in <b>Rome<\/b>\?/s);
    await page.getByText('Calls weather').click();
    await page.getByText('Tool result').click();
    await expectText(page, '.history', /\{"city":"Rome"\}.*\{"degrees":21\}/s);
    expect(
      await page.locator('.history a').evaluateAll((links) => links.map((link) => link.getAttribute('href'))),
    ).toEqual(['https://audio.test/a.mp3']);
    expect(await axeViolations(page)).toEqual([]);
    expect(requested.filter((url) => url.includes('.test'))).toEqual([]);
    await page.getByRole('button', { name: 'load it from images.test' }).click();
    await expect.poll(() => requested).toContain('https://images.test/sky.png');
    expect(await page.locator('.properties').getByText('messages').count()).toBe(0);
  });

  test('an address without an id has no record and no conversation open', async () => {
    const server = await useServer();
    await post(server, [prompt({ thread_id: 't1' }), prompt({ thread_id: 't2' })]);
    const { page } = await openPage(`${server.url}/conversations?open=`);
    await expectText(page, '.list-bar', '2 conversations');
    expect(await page.locator('.detail').count()).toBe(0);
    await page.goto(`${server.url}/?record=&user=&tag=`);
    await expectText(page, '.filters', '2 records');
    expect(await page.locator('.detail, .chip').count()).toBe(0);
    expect(await page.title()).toBe('Prompts · Trubrics');
  });
});
