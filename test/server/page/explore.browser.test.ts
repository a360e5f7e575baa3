import { describe, expect, test } from 'vitest';
import { post, prompt } from '../../support/server-requests.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { useServer } from '../../support/use-server.js';

const DAY = 86_400_000;

/** A week of two models, and a week before it of one. */
async function useSeeded() {
  const server = await useServer();
  const asked = (id: string, daysAgo: number, model: string, properties: Record<string, unknown> = {}) =>
    prompt({
      user_id: `user-${id}`,
      assistant_id: model,
      latency: 1.5,
      timestamp: new Date(Date.now() - daysAgo * DAY).toISOString(),
      properties: { $event_id: id, ...properties },
    });
  await post(server, [
    ...['a', 'b', 'c', 'd'].map((id) => asked(id, 3, 'gpt-4o', { organization_id: 'acme', size: 10 })),
    ...['e', 'f'].map((id) => asked(id, 2, 'claude-sonnet', { organization_id: 'blue', plan: 'pro' })),
    ...['g', 'h'].map((id) => asked(id, 10, 'gpt-4o', { organization_id: 'acme' })),
  ]);
  const thumb = { record_id: 'a', score: -1, feedback_type: 'thumbs' };
  await post(server, [{ user_id: 'user-a', event: 'Feedback', properties: thumb }], {}, 'publish_events');
  return server;
}

const SIZES = [
  { width: 400, height: 800 },
  { width: 1280, height: 800 },
];

describe.skipIf(chromiumPath === undefined)('the view "Explore"', () => {
  const openPage = useBrowser();

  test('measures are chosen, broken down and followed to the records that they count', async () => {
    const server = await useSeeded();
    const { page } = await openPage(`${server.url}/explore?since=30d`);
    page.setDefaultTimeout(5000);
    await expectText(page, 'tbody', /gpt-4o\s*6\s*6/);
    await expectText(page, 'tfoot', /All\s*8\s*8\s*–.*100 % of 1/s);
    await page.getByLabel('By', { exact: true }).selectOption('organization');
    await expectText(page, 'tbody', /acme\s*6.*blue\s*2(?!.*without)/s);
    await page.getByText('Measures (5)').click();
    await page.getByLabel('People').uncheck();
    await page.getByLabel('Latency, p95').check();
    await expectText(page, 'thead', /Organization.*Latency, p95/s);
    await page.getByLabel('Numbers of a property').fill('size');
    await page.getByLabel('As', { exact: true }).selectOption('sum');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await expectText(page, 'tfoot', /1\.50? s of 8.*40 of 4/s);
    await page.keyboard.press('Escape');
    await page.getByLabel('By another property').fill('plan');
    await page.getByLabel('By another property').press('Enter');
    await expectText(page, 'tbody', /without.*pro/s);
    const url = new URL(page.url());
    expect(Object.fromEntries(url.searchParams)).toEqual({
      since: '30d',
      by: 'prop.plan',
      measure: 'requests,cost,errorRate,badShare,latencyP95,prop.size:sum',
    });
    // The address is all that the view is made of.
    await page.reload();
    await expectText(page, 'tbody', /without.*pro/s);
    await page.getByRole('link', { name: 'pro', exact: true }).click();
    await expect.poll(() => page.locator('.rows .row').count()).toBe(2);
    // A person has a page.
    await page.goto(`${server.url}/explore?since=30d&by=user`);
    const person = page.locator('.explore tbody').getByRole('link').first();
    const name = await person.innerText();
    await person.click();
    await page.locator('.person-timeline').waitFor();
    const { pathname, search } = new URL(page.url());
    expect([pathname, search]).toEqual(['/people', `?since=30d&user=${name}`]);
  });

  test('each measure is drawn over time, by its largest groups', async () => {
    const server = await useSeeded();
    const { page } = await openPage(`${server.url}/explore?since=14d&measure=requests,people`);
    await page.getByLabel('Over time').selectOption('day');
    await expectText(page, '.plot-key', /gpt-4o.*claude-sonnet/s);
    expect(await page.locator('.plot').count()).toBe(2);
    // The thumb is of no model, and no request.
    expect(await page.locator('.plot-key').first().locator('span').allInnerTexts()).toEqual([
      'gpt-4o',
      'claude-sonnet',
    ]);
    await page.locator('.plot-table summary').first().click();
    await expectText(page, '.plot-table table', /4\s*0/);
  });

  test('a period is compared with the one before, and says what moved it', async () => {
    const server = await useSeeded();
    const { page } = await openPage(`${server.url}/explore?since=7d&measure=requests,people,badShare`);
    await page.getByLabel('Compare').selectOption('previous');
    await expectText(page, '.table-note', /compared with .*: as much of it as has passed/);
    // Requests have no direction that is good, more people have.
    await expectText(page, 'tfoot', /All\s*6 \+200 % before 2\s*6 \+200 % before 2/);
    expect(
      await page
        .locator('tfoot .change')
        .evaluateAll((all) => all.map((one) => one.dataset['judgement'] ?? '')),
    ).toEqual(['', 'better']);
    await expectText(page, 'tbody', /claude-sonnet\s*2 new before 0.*\+2 \+50 %/s);
    await expectText(page, 'tbody', /gpt-4o\s*4 \+100 % before 2.*\+2 \+50 %/s);
    expect(new URL(page.url()).searchParams.get('against')).toBe('previous');
  });

  test('a share whose change may be chance has no colour and says so, and one that is clear has', async () => {
    const server = await useServer();
    const ask = (daysAgo: number, model: string, count: number, bad: number) =>
      Array.from({ length: count }, (_, index) =>
        prompt({
          assistant_id: model,
          timestamp: new Date(Date.now() - daysAgo * DAY).toISOString(),
          properties: { ...(index < bad && { error_type: 'timeout' }) },
        }),
      );
    await post(server, [...ask(2, 'clear', 30, 25), ...ask(2, 'unclear', 5, 2)]);
    await post(server, [...ask(10, 'clear', 30, 1), ...ask(10, 'unclear', 5, 1)]);
    const { page } = await openPage(`${server.url}/explore?since=7d&measure=errorRate&against=previous`);
    await expectText(page, 'tbody', /clear/);
    const changes = page.locator('tbody tr').evaluateAll((rows) =>
      rows.map((row) => {
        const change = row.querySelector('.change');
        return [
          row.querySelector('th')?.textContent,
          change?.textContent,
          change?.getAttribute('data-judgement'),
        ];
      }),
    );
    expect(Object.fromEntries((await changes).map(([name, ...change]) => [name, change]))).toEqual({
      clear: ['+80 points', 'worse'],
      unclear: ['+20 points, may be chance', null],
    });
  });

  test('everything can be reached by keyboard', async () => {
    const server = await useSeeded();
    const { page } = await openPage(`${server.url}/explore`);
    await expectText(page, 'tbody', 'gpt-4o');
    await page.getByText('Measures (5)').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await expectText(page, 'thead', 'Records');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.explore-measures').isVisible()).toBe(false);
  });

  for (const colorScheme of ['light', 'dark'] as const)
    test.each([
      ['', 'tbody tr'],
      ['step=day', '.plot'],
      ['against=previous&since=7d', '.table-note'],
    ])(
      `the view with "%s" is accessible and fits in ${colorScheme}, narrow and wide`,
      async (query, content) => {
        const server = await useSeeded();
        for (const viewport of SIZES) {
          const { page, problems } = await openPage(`${server.url}/explore?${query}`, {
            viewport,
            colorScheme,
          });
          await page.locator(content).first().waitFor();
          expect(await axeViolations(page)).toEqual([]);
          const widths = await page.locator('html').evaluate((html) => [html.scrollWidth, html.clientWidth]);
          expect(widths[0]).toBe(widths[1]);
          await page.getByText(/Measures \(/).click();
          expect(await axeViolations(page)).toEqual([]);
          expect(problems).toEqual([]);
        }
      },
    );
});
