import { describe, expect, test } from 'vitest';
import { chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

/** The tree of the navigation, as a screen reader gets it. */
const NAVIGATION = [
  'link "Summary"',
  'group "Records"',
  ...['Prompts', 'Conversations', 'Review', 'Data sets'].map((name) => `link "${name}"`),
  'group "Insights"',
  ...['People', 'Topics', 'Overview', 'Explore'].map((name) => `link "${name}"`),
  'group "Operations"',
  ...['Alerts', 'Rejected'].map((name) => `link "${name}"`),
];

/** A call that was rated badly, among others. */
async function useOneBadAnswer() {
  const server = await useServer({ traceUrl: 'https://traces.example.com/trace/{trace_id}' });
  const asked = (id: string, text: string) =>
    prompt({
      prompt: text,
      thread_id: 'talk',
      assistant_id: 'gpt-4o',
      properties: { $event_id: id, trace_id: TRACE, service_version: '1.4.0' },
    });
  await post(server, [asked('good', 'What is a span?'), asked('bad', 'Why is it red?')]);
  const thumb = (id: string, score: number, comment: string) => ({
    event: 'Feedback',
    user_id: 'ada',
    properties: { record_id: id, score, comment },
  });
  const thumbs = [thumb('good', 1, 'Clear.'), thumb('bad', -1, 'Not my question.')];
  await post(server, thumbs, {}, 'publish_events');
  return server;
}

describe.skipIf(chromiumPath === undefined)('a tour', () => {
  const openPage = useBrowser();

  test('of a developer goes from the bad thumb on the first screen to the record, its release and its trace', async () => {
    const server = await useOneBadAnswer();
    const { page, problems } = await openPage(`${server.url}/summary`);
    await expectText(page, '.answers', /1 of the 2 rated answers is bad/);
    await page.getByRole('link', { name: 'Bad answers' }).click();
    await expectText(page, '.filters', '1 record');
    await page.locator('.rows .row').click();
    await expectText(page, '.detail', /Why is it red\?/);
    await expectText(page, '.detail', /Not my question\./);
    await expectText(page, '.detail', /1\.4\.0/);
    const trace = page.locator('.detail').getByRole('link', { name: /trace/i }).first();
    expect(await trace.getAttribute('href')).toBe(`https://traces.example.com/trace/${TRACE}`);
    expect(problems).toEqual([]);
  });

  test('by keyboard alone reaches an answer, its records and one of them, and everything has a name', async () => {
    const server = await useOneBadAnswer();
    const { page, problems } = await openPage(`${server.url}/`);
    await page.locator('.rows .row').first().waitFor();
    await page.keyboard.press('s');
    await expectText(page, '.answers', /1 of the 2 rated answers is bad/);
    // The headings are what a screen reader offers to jump to.
    const headings = await page.getByRole('main').getByRole('heading', { level: 2 }).allInnerTexts();
    expect(headings).toHaveLength(5);
    expect(await page.getByRole('main').getByRole('region').count()).toBe(5);
    const region = page.getByRole('region', { name: 'Did they get it done, and where do they struggle?' });
    const tree = await region.ariaSnapshot();
    expect(tree.replaceAll(/\d+(\.\d+)? (ms|s)\b/g, 'n s')).toMatch(
      /heading "Did they get it done.*" \[level=2\][^]*1 of the 2 rated answers is bad[^]*term: Failed[^]*link "Bad answers"/,
    );
    const named = (await page.getByRole('navigation', { name: 'Views' }).ariaSnapshot())
      .split('\n')
      .flatMap((line) => /(?:link|group) "[^"]+"/.exec(line) ?? []);
    expect(named).toEqual(NAVIGATION);
    const focused = () => page.evaluate<string>('document.activeElement.textContent');
    for (let presses = 0; presses < 80 && (await focused()) !== 'Bad answers'; presses++)
      await page.keyboard.press('Tab');
    expect(await focused()).toBe('Bad answers');
    await page.keyboard.press('Enter');
    await expectText(page, '.filters', '1 record');
    await page.locator('.rows .row').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await expectText(page, '.detail', /Why is it red\?/);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.detail').count()).toBe(0);
    expect(problems).toEqual([]);
  });
});
