import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { getJson, post, prompt } from '../../support/server-requests.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { useServer } from '../../support/use-server.js';

/** A server with five answers of two conversations, of which three are rated bad, and one has a low score. */
async function useRated() {
  const server = await useServer();
  await post(
    server,
    ['a', 'b', 'c', 'd', 'e'].map((id, index) =>
      prompt({
        user_id: index % 2 ? 'bob' : 'ada',
        thread_id: index % 2 ? 'second' : 'first',
        prompt: `Question ${id}: how do I return an order that came twice?`,
        generation: `Answer ${id}: open **My orders**, and choose *Return*.`,
        properties: { $event_id: id },
      }),
    ),
  );
  const thumb = (id: string, score: number, comment?: string) => ({
    user_id: 'ada',
    event: 'Feedback',
    properties: { record_id: id, score, feedback_type: 'thumbs', comment },
  });
  const evaluation = { record_id: 'd', name: 'faithful', score: 0.2, feedback_type: 'evaluation' };
  const events = [thumb('a', -1, 'There is no such button.'), thumb('b', -1), thumb('c', -1), thumb('e', 1)];
  await post(
    server,
    [...events, { user_id: 'judge', event: 'Evaluation', properties: evaluation }],
    {},
    'publish_events',
  );
  return server;
}

function questions(page: Page): Promise<readonly string[]> {
  return page.locator('.thread-list .thread-prompt').allInnerTexts();
}

async function shoot(page: Page, name: string): Promise<void> {
  if (process.env['SHOTS'] !== undefined)
    await page.screenshot({ path: `${process.env['SHOTS']}/${name}.png` });
}

describe.skipIf(chromiumPath === undefined)('the tab “Review”', () => {
  const openPage = useBrowser();

  test('a reviewer works through the list by keyboard alone, and another page follows', async () => {
    const server = await useRated();
    const { page: other } = await openPage(`${server.url}/review?state=done`);
    const { page, problems } = await openPage(`${server.url}/review`);
    await expectText(
      page,
      '.review-share',
      '75 % bad: 3 of 4 rated answers 4 of 5 answers are rated (80 %).',
    );
    expect((await questions(page)).map((text) => text.slice(9, 10))).toEqual(['c', 'b', 'a']);
    await page.keyboard.press('n');
    await expectText(page, '.review-detail .text', 'Question c');
    await page.keyboard.press('3');
    await expectText(page, '.review-head nav', /Needs review 2\s*Needs others 0\s*Done 1/);
    await page.keyboard.press('n');
    await expectText(page, '.review-detail .text', 'Question b');
    await page.locator('.review-controls').waitFor();
    await page.keyboard.press('b');
    await page.locator('button[data-name="bad"][aria-pressed="true"]').waitFor();
    await page.keyboard.press('2');
    await expectText(page, '.review-head nav', /Needs review 1\s*Needs others 1\s*Done 1/);
    await page.keyboard.press('n');
    await expectText(page, '.review-detail .text', 'Question a');
    await expectText(page, '.review-detail .feedback', 'There is no such button.');
    await page.locator('.review-controls').waitFor();
    await page.keyboard.press('e');
    await page.keyboard.type('Ask the shop. n3');
    await page.keyboard.press('Control+Enter');
    await expectText(page, '.thread-list', 'Ask the shop. n3');
    expect(await axeViolations(page)).toEqual([]);
    await shoot(page, 'review-light');
    await expectText(other, '.thread-list', 'Question c');
    await expectText(other, '.review-head nav', /Needs others 1/);
    const { documents } = await getJson<{ documents: readonly unknown[] }>(server, '/api/documents/state');
    expect(documents).toMatchObject([
      { name: 'a', value: { state: 'needs-review', note: 'Ask the shop. n3', userId: 'ada' } },
      { name: 'b', value: { state: 'needs-others', rating: 'bad', userId: 'bob' } },
      { name: 'c', value: { state: 'done' } },
    ]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await expectText(page, 'dialog', /Needs review, needs others, done/);
    expect(problems).toEqual([]);
  });

  test('the threshold, the state and the assignee are in the address, and hold on a narrow and a dark page', async () => {
    const server = await useRated();
    await fetch(`${server.url}/api/documents/state/d`, {
      method: 'PUT',
      body: JSON.stringify({ assignee: 'rita' }),
    });
    const { page, problems } = await openPage(`${server.url}/review`, {
      colorScheme: 'dark',
      viewport: { width: 400, height: 800 },
    });
    await page.getByLabel('Evaluations below').fill('faithful:0.5');
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).searchParams.get('threshold')).toBe('faithful:0.5');
    await expectText(page, '.review-head nav', 'Needs review 4');
    expect(await questions(page)).toHaveLength(4);
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    await page.getByLabel('Assignee').selectOption('rita');
    await expect.poll(() => questions(page)).toHaveLength(1);
    await page.locator('.thread-list a').click();
    await expectText(page, '.review-detail', 'Answer d');
    expect(new URL(page.url()).search).toBe('?threshold=faithful%3A0.5&assignee=rita&record=d');
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    await shoot(page, 'review-dark-400');
    await page.setViewportSize({ width: 2560, height: 1200 });
    await shoot(page, 'review-dark-2560');
    await page.getByLabel('Evaluations below').fill('low');
    await page.keyboard.press('Enter');
    await expectText(page, '[role=alert]', 'threshold must be a score');
    expect(problems.filter((problem) => !problem.includes('400'))).toEqual([]);
  });

  test('a conversation is read alone on the screen and judged, and Escape leaves it', async () => {
    const server = await useRated();
    const { page, problems } = await openPage(`${server.url}/conversations?open=first`);
    await page.getByRole('link', { name: 'Read', exact: true }).click();
    await expectText(page, '.chat', 'Question e');
    expect(await page.locator('header, .filters, .thread-list').count()).toBe(0);
    expect(new URL(page.url()).search).toBe('?open=first&reading=1');
    await page.getByRole('button', { name: 'Good' }).click();
    await page.locator('button[data-name="good"][aria-pressed="true"]').waitFor();
    await page.getByRole('textbox', { name: 'Note' }).fill('Exemplary.');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.locator('button[data-name="done"][aria-pressed="true"]').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await shoot(page, 'reading');
    await page.keyboard.press('Escape');
    await page.locator('header').waitFor();
    expect(new URL(page.url()).search).toBe('?open=first');
    await page.locator('button[data-name="done"][aria-pressed="true"]').waitFor();
    const { documents } = await getJson<{ documents: readonly unknown[] }>(server, '/api/documents/state');
    expect(documents).toMatchObject([
      {
        name: 'first',
        value: { state: 'done', rating: 'good', note: 'Exemplary.', of: 'conversation', userId: 'ada' },
      },
    ]);
    expect(problems).toEqual([]);
  });

  test('an answer goes into a data set with a correction, and is corrected, exported and taken out there', async () => {
    const server = await useRated();
    const { page, problems } = await openPage(`${server.url}/review?record=a`);
    await page.getByText('Add to a data set').click();
    await page.getByLabel('Data set', { exact: true }).fill('gold 1');
    await page.getByLabel('What should have been answered').fill('Ask the shop.');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await expectText(page, '.dataset-form [role=status]', 'It is in “gold 1”.');
    expect(await axeViolations(page)).toEqual([]);
    await page.locator('.dataset-form .pill').click();
    await expectText(page, '.dataset-items li', /Question a.*Answer a.*corrected Ask the shop/s);
    await expectText(page, '.thread-list', '1 answer, 1 corrected');
    expect(await axeViolations(page)).toEqual([]);
    await shoot(page, 'datasets-light');
    await page.getByRole('button', { name: 'Correct' }).click();
    await page.getByLabel('What should have been answered').fill('Call the shop.');
    const items = [{ recordId: 'a', correctedAnswer: 'Write to the shop.' }];
    await fetch(`${server.url}/api/datasets/gold%201/items`, {
      method: 'POST',
      body: JSON.stringify({ items }),
    });
    await page.getByRole('button', { name: 'Save' }).click();
    await expectText(page, '.detail [role=alert]', /It is now: Write to the shop/);
    await expectText(page, '.dataset-items li', /corrected Write to the shop/);
    await page.getByRole('button', { name: 'Save' }).click();
    await expectText(page, '.dataset-items li', /corrected Call the shop/);
    const href = (await page.getByRole('link', { name: 'OpenAI JSONL' }).getAttribute('href')) ?? '';
    const exported = JSON.parse(await (await fetch(server.url + href)).text()) as { messages: unknown[] };
    expect(exported.messages.at(-1)).toEqual({ role: 'assistant', content: 'Call the shop.' });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 400, height: 800 });
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    await shoot(page, 'datasets-dark-400');
    await page.getByRole('button', { name: 'Take out' }).click();
    await expectText(page, '.detail', '0 answers');
    await page.getByRole('button', { name: 'Delete data set' }).click();
    await page.getByRole('button', { name: 'Delete the data set' }).click();
    await expectText(page, 'main', 'No data sets');
    expect(problems.filter((problem) => !/404|412/.test(problem))).toEqual([]);
  });

  test('conversations that were judged are listed with their verdicts, and opened from there', async () => {
    const server = await useRated();
    await fetch(`${server.url}/api/documents/state/first`, {
      method: 'PUT',
      body: JSON.stringify({ of: 'conversation', state: 'done', rating: 'bad', note: 'Twice the same' }),
    });
    const { page, problems } = await openPage(`${server.url}/review`);
    await page
      .getByRole('navigation', { name: 'States' })
      .getByRole('link', { name: 'Conversations' })
      .click();
    await expectText(page, '.review-share', '0 good, 1 bad, 0 without a judgement.');
    await expectText(
      page,
      '.review table tbody',
      /Question a.*\s+Twice the same\s+bad\s+Done\s+–\s+ada\s+3/s,
    );
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('region', { name: 'Judged conversations' }).getByRole('link').click();
    await expectText(page, '.conversation', /Question a/);
    await page.goBack();
    await page.getByRole('link', { name: 'Answers', exact: true }).click();
    await expectText(page, '.review-share', /bad/);
    expect(problems).toEqual([]);
  });
});
