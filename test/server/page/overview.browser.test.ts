import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { post, prompt } from '../../support/server-requests.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { useServer } from '../../support/use-server.js';

/** Returns the names in the key of a plot whose colours a bar has, from its bottom to its top, with their heights in pixels. */
function coloursOfBar(page: Page, title: string): Promise<[string, number][]> {
  return page
    .locator('.plot', { has: page.getByRole('heading', { name: title, exact: true }) })
    .evaluate((figure) => {
      const canvas = figure.querySelector('canvas');
      const context = canvas?.getContext('2d');
      const probe = figure.ownerDocument
        .createElement('canvas')
        .getContext('2d', { willReadFrequently: true });
      if (!canvas || !context || !probe) return [];
      const pixel = (data: Uint8ClampedArray, at: number): string => data.slice(at, at + 3).join();
      const view = figure.ownerDocument.defaultView;
      const styleOf = (element: typeof figure): string =>
        view?.getComputedStyle(element).backgroundColor ?? '';
      const names = new Map(
        [...figure.querySelectorAll('.plot-key span')].map((key) => {
          probe.fillStyle = styleOf(key.querySelector('i') ?? figure);
          probe.fillRect(0, 0, 1, 1);
          return [pixel(probe.getImageData(0, 0, 1, 1).data, 0), key.textContent ?? ''] as const;
        }),
      );
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      let best: [string, number][] = [];
      for (let x = 0; x < canvas.width; x++) {
        const found: [string, number][] = [];
        for (let y = canvas.height - 1; y >= 0; y--) {
          const name = names.get(pixel(data, 4 * (y * canvas.width + x)));
          const last = found.at(-1);
          if (last && last[0] === name) last[1]++;
          else if (name !== undefined) found.push([name, 1]);
        }
        if (found.reduce((sum, [, size]) => sum + size, 0) > best.reduce((sum, [, size]) => sum + size, 0))
          best = found;
      }
      return best;
    });
}

describe.skipIf(chromiumPath === undefined)('the overview', () => {
  const openPage = useBrowser();

  test('a bar of the plot has errors on top of prompts, also where there are more errors', async () => {
    const server = await useServer();
    const timestamp = '2026-03-03T10:00:00Z';
    await post(server, [
      prompt({ timestamp }),
      prompt({ timestamp, properties: { error_type: 'stream_error' } }),
    ]);
    const failed = { user_id: 'ada', event: 'LLM error', timestamp, properties: { error_type: 'Timeout' } };
    await post(server, [failed, failed, failed], {}, 'publish_events');
    const { page } = await openPage(`${server.url}/overview`);
    await expectText(page, '.tiles', /Errors\s+80 %\s+4 errors/);
    await expect
      .poll(async () => (await coloursOfBar(page, 'Prompts')).map(([name]) => name))
      .toEqual(['answered', 'errors']);
    const [answered, errors] = (await coloursOfBar(page, 'Prompts')).map(([, size]) => size);
    expect((errors ?? 0) / (answered ?? 1)).toBeGreaterThan(3.5);
    expect((errors ?? 0) / (answered ?? 1)).toBeLessThan(4.5);
  });

  test('bars are as long as their values, also those of latencies below a second', async () => {
    const server = await useServer();
    await post(server, [
      prompt({ assistant_id: 'slow', latency: 0.2 }),
      prompt({ assistant_id: 'fast', latency: 0.05 }),
      prompt({ assistant_id: 'instant', latency: 0 }),
    ]);
    const { page } = await openPage(`${server.url}/overview`);
    const card = page.locator('.card', { has: page.getByRole('heading', { name: 'Latency by model' }) });
    await expectText(page, '.cards', /slow\s+200 ms/);
    const widths = await card
      .locator('li')
      .evaluateAll((bars) =>
        bars.map((bar) => [
          bar.querySelector('a')?.textContent ?? '',
          (bar.querySelector('.bar')?.getBoundingClientRect().width ?? 0) / bar.getBoundingClientRect().width,
        ]),
      );
    expect(Object.fromEntries(widths)).toEqual({
      slow: expect.closeTo(1, 2),
      fast: expect.closeTo(0.25, 2),
      instant: 0,
    });
  });

  test('numbers lead to the records that they count, under the filters that are set', async () => {
    const server = await useServer();
    const beta = { tags: ['beta'], input_tokens: 3 };
    await post(server, [
      prompt({ user_id: 'ada', properties: beta }),
      prompt({ user_id: 'ada', properties: {} }),
      prompt({ user_id: 'bob', properties: { ...beta, error_type: 'stream_error' } }),
    ]);
    const filters = 'tag=beta&since=30d';
    const linkOf = async (path: string, name: string): Promise<string> => {
      const { page } = await openPage(`${server.url}${path}?${filters}`);
      await page.getByRole('main').getByRole('link', { name, exact: true }).first().click();
      await expectText(page, '.filters', '1 record');
      const { pathname, search } = new URL(page.url());
      return pathname + search;
    };
    // A person has a page.
    expect(await linkOf('/overview', 'ada')).toBe(`/people?${filters}&user=ada&kind=prompt`);
    expect(await linkOf('/overview', '1 error')).toBe(`/?${filters}&error=true`);
    expect(await linkOf('/people', 'bob')).toBe(`/people?${filters}&user=bob`);
  });

  test('days are those of the reader, the pointer shows from when to when, and a time of 1970 is said to be left out', async () => {
    const server = await useServer();
    const late = [
      '2026-03-07T04:30:00Z',
      '2026-03-08T04:30:00Z',
      '2026-03-20T12:00:00Z',
      '2026-04-20T12:00:00Z',
    ];
    await post(
      server,
      [...late, '1970-01-01T00:00:00Z'].map((timestamp) => prompt({ timestamp })),
    );
    const { page } = await openPage(`${server.url}/overview`, { timezoneId: 'America/New_York' });
    await expectText(page, '.overview', /1 record with a time before 2020.* is not in the plots/);
    const box = await page.locator('.plot .u-over').first().boundingBox();
    if (!box) throw new Error('no plot');
    await page.mouse.move(box.x + 3, box.y + 20);
    // Half past eleven in the evening of March 6th; UTC would say March 7th.
    await expectText(page, '.plot-tooltip >> nth=0', /^6 Mar 2026 · answered 1 · errors 0$/);
  });

  test('an evaluation is shown as such: in the record, in the list and in the overview', async () => {
    const server = await useServer();
    await post(server, [prompt({ latency: 119.7, properties: { $event_id: 'r1', total_tokens: 500 } })]);
    const properties = {
      record_id: 'r1',
      feedback_type: 'evaluation',
      component: 'faithfulness',
      score: 0.1,
      label: 'unfaithful',
      comment: 'Contradicts the source',
    };
    await post(server, [{ user_id: 'judge', event: 'Feedback', properties }], {}, 'publish_events');
    const { page, problems } = await openPage(`${server.url}/?record=r1`);
    const mark = { name: 'Evaluation faithfulness 0.1 · unfaithful' };
    await expectText(
      page,
      '.detail .feedback',
      /faithfulness 0\.1 · unfaithful · judge\s+Contradicts the source/,
    );
    // With the prompt, in the row of the event, and in the record.
    expect(await page.getByRole('img', mark).count()).toBe(3);
    expect(await page.getByRole('img', { name: /thumb|Positive|Negative/ }).count()).toBe(0);
    await expectText(page, '.rows .row >> nth=0', /faithfulness 0\.1 · unfaithful: Contradicts the source/);
    await expectText(page, '.detail .facts', /Latency\s+2 m\s+Tokens\s+500/);
    await page.goto(`${server.url}/overview`);
    await expectText(
      page,
      '.card:has(h2:text-is("Evaluations"))',
      /faithfulness\s+1 · mean 0\.1 · 1 unfaithful/,
    );
    await expectText(page, '.card:has(h2:text-is("Ratings"))', 'No answer is rated.');
    await expectText(page, '.tiles', /People\s+1\s/);
    expect([await axeViolations(page), problems]).toEqual([[], []]);
    for (const [name, size] of [
      ['wide', { width: 1280, height: 1100 }],
      ['narrow', { width: 400, height: 1400 }],
    ] as const) {
      await page.setViewportSize(size);
      if (process.env['SHOTS']) await page.screenshot({ path: `${process.env['SHOTS']}/${name}.png` });
    }
  });
});
