import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoRecords, publishDemoRecords } from '../../../scripts/demo-records.mjs';
import { startServer, type RunningServer } from '../../../src/server/index.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';

const QUESTIONS = {
  people: 'Are people using it, and who comes back or leaves?',
  topics: 'What do they ask it to do?',
  outcomes: 'Did they get it done, and where do they struggle?',
  cost: 'What does it cost, and does it go to conversations that succeed?',
  changes: 'What got worse after a release, prompt or model changed?',
} as const;

const card = (question: keyof typeof QUESTIONS): string => `.answer[aria-label="${QUESTIONS[question]}"]`;

const ANSWERS = {
  people: `${card('people')} .answer-text`,
  topics: `${card('topics')} .answer-text`,
  outcomes: `${card('outcomes')} .answer-text`,
  cost: `${card('cost')} .answer-text`,
  changes: `${card('changes')} .answer-text`,
} as const;

/** Returns the text of a figure, for instance `51 +6.3 % (48)`. */
async function figure(page: Page, question: keyof typeof QUESTIONS, name: string): Promise<string> {
  const text = await page
    .locator(`${card(question)} .figure`)
    .filter({ hasText: name })
    .first()
    .locator('dd')
    .innerText();
  return text.replaceAll(/\s+/g, ' ');
}

describe.skipIf(chromiumPath === undefined)('the first screen', () => {
  const openPage = useBrowser();

  let demo: RunningServer | undefined;
  beforeAll(async () => {
    demo = await startServer({ port: 0 });
    await publishDemoRecords(demo.ingestionUrl, demoRecords(Date.now(), 800));
  });
  afterAll(() => demo?.close());

  test('a product manager finds five answers on the first screen, and the list one key away', async () => {
    const { page, problems } = await openPage(demo?.url ?? '');
    await expectText(page, ANSWERS.people, /people asked \d+ times\. Of the \d+ before, \d+ came back/);
    await expectText(page, ANSWERS.topics, /Most often about/);
    await expectText(page, ANSWERS.outcomes, /\d+ of \d+ requests failed/);
    await expectText(page, ANSWERS.cost, /The recorded calls cost \$\d/);
    await expectText(page, ANSWERS.changes, /With prompt version 8 of refund/);
    expect(await page.locator('.answer').count()).toBe(5);
    // Without scrolling.
    for (const answer of Object.values(ANSWERS)) {
      const { y = -1, height = 1000 } = (await page.locator(answer).boundingBox()) ?? {};
      expect([answer, y >= 0 && y + height <= 800]).toEqual([answer, true]);
    }
    expect(await axeViolations(page)).toEqual([]);
    expect(new URL(page.url()).pathname).toBe('/summary');
    await page.keyboard.press('l');
    await page.locator('.rows .row').first().waitFor();
    await page.reload();
    await page.locator('.rows .row').first().waitFor();
    await page.keyboard.press('s');
    await page.locator('.answer').first().waitFor();
    expect(problems).toEqual([]);
  });

  test('people, topics and outcomes are explained by a click, with the same numbers', async () => {
    const { page } = await openPage(`${demo?.url}/summary`);
    await expectText(page, ANSWERS.people, /asked/);
    const people = await figure(page, 'people', 'People');
    await page.locator(card('people')).getByRole('link', { name: 'What moved' }).click();
    await expectText(
      page,
      '.explore tfoot',
      new RegExp(`^All\\s+${/^\d+/.exec(people)?.[0]}\\b.*before ${/\((\d+)\)/.exec(people)?.[1]}\\b`, 's'),
    );
    await page.goBack();
    await expectText(page, ANSWERS.outcomes, /failed/);
    const failed = /^(\d+) of/.exec(await page.locator(ANSWERS.outcomes).innerText())?.[1];
    await page.getByRole('link', { name: 'Failed requests' }).click();
    await expectText(page, '.filters', `${failed} records`);
    await page.goBack();
    await expectText(page, ANSWERS.topics, /Most often/);
    await page
      .locator(`${card('topics')} .bar-list a`)
      .first()
      .click();
    await expectText(page, '.chip', /topic/);
    await page.locator('.rows .row').first().waitFor();
    await page.goBack();
    await expectText(page, ANSWERS.people, /asked/);
    await page.locator(card('people')).getByRole('link', { name: 'Who came back' }).click();
    await expectText(page, '.retention-mean', /100 %/);
  });

  test('cost and changes are explained by a click, with the same numbers', async () => {
    const { page } = await openPage(`${demo?.url}/summary`);
    await expectText(page, ANSWERS.cost, /cost/);
    const [dollars = ''] = (await figure(page, 'cost', 'Cost')).split(' ');
    await page.getByRole('link', { name: 'By organization' }).click();
    await expectText(page, '.explore tfoot', dollars);
    await page.locator('.explore tbody').getByRole('link', { name: 'Northwind' }).click();
    await expectText(page, '.chip', /Northwind/);
    await page.locator('.rows .row').first().waitFor();
    await page.goBack();
    await page.locator('.explore tbody').waitFor();
    await page.goBack();
    await expectText(page, ANSWERS.changes, /answers take longer/);
    const arrival = page.locator(`${card('changes')} .arrival`).filter({ hasText: 'of refund' });
    const slow = await arrival
      .locator('.figure')
      .filter({ hasText: 'Answered' })
      .locator('strong')
      .innerText();
    await arrival.getByRole('link').click();
    await expectText(page, '.explore tfoot', slow);
    await expectText(page, '.explore tfoot', /before/);
  });

  test('what is compared with what is chosen in the bar and stands in the address, also in Explore', async () => {
    const { page } = await openPage(`${demo?.url}/summary`);
    await expectText(page, '.periods', /compared with/);
    await page.getByLabel('Compare', { exact: true }).selectOption('same-weekday');
    await expect.poll(() => new URL(page.url()).searchParams.get('against')).toBe('same-weekday');
    await page.getByLabel('Compare', { exact: true }).selectOption('previous complete');
    await expect.poll(() => new URL(page.url()).searchParams.get('parts')).toBe('complete');
    expect(new URL(page.url()).searchParams.has('against')).toBe(false);
    await expect.poll(() => page.locator('.periods').innerText()).not.toMatch(/until now/);
    await page.getByLabel('Compare', { exact: true }).selectOption('other');
    await page.getByLabel('Compare with another').selectOption('Model');
    await page.getByLabel('Its name').fill('gpt-4o-mini');
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).searchParams.get('against')).toBe('model=gpt-4o-mini');
    await expectText(page, '.periods', /compared with model gpt-4o-mini/);
    await page.getByRole('link', { name: 'What moved' }).click();
    await expect
      .poll(() => page.getByLabel('Compare', { exact: true }).inputValue())
      .toBe('model=gpt-4o-mini');
  });

  test('the first screen is accessible in dark and on a phone, and fits it', async () => {
    const server = await useServer();
    await post(server, [
      prompt({ prompt: 'Is anybody there?', thread_id: 't' }),
      prompt({ user_id: 'anonymous' }),
    ]);
    const { page, problems } = await openPage(`${server.url}/summary`, { colorScheme: 'dark' });
    await expectText(page, ANSWERS.changes, /nothing before this time/);
    await expectText(page, ANSWERS.people, /1 person asked 2 times\./);
    await expectText(page, `${card('people')} .hint`, /50 % of the requests say not who asked/);
    // Too little for topics, but not nothing.
    await expectText(page, `${card('topics')} .latest`, /Is anybody there\?/);
    await expectText(page, `${card('outcomes')} .hint`, /trackFeedback/);
    await expectText(page, `${card('changes')} .hint`, /service\.version/);
    expect(await axeViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 400, height: 800 });
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    expect(problems).toEqual([]);
  });

  test('a server without records shows what to send, and one with old records where they are', async () => {
    const server = await useServer();
    const { page } = await openPage(`${server.url}/summary`);
    await expectText(page, 'main', /Waiting for the first prompt/);
    await post(server, [prompt({ timestamp: new Date(Date.now() - 20 * 86_400_000).toISOString() })]);
    await expectText(page, ANSWERS.people, /Nobody has asked anything in this time/);
    await page.getByRole('link', { name: 'The last 30 days' }).click();
    await expectText(page, ANSWERS.people, /1 person asked 1 time\./);
  });
});
