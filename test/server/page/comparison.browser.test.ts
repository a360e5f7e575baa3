import { describe, expect, test } from 'vitest';
import { post, prompt } from '../../support/server-requests.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { useServer } from '../../support/use-server.js';

const HOUR = 3_600_000;

describe.skipIf(chromiumPath === undefined)('comparisons on the page', () => {
  const openPage = useBrowser();

  test('the overview and the people are compared with the period before, or another model, as the address says', async () => {
    const server = await useServer();
    const asked = (user: string, model: string, hours: number) =>
      prompt({
        user_id: user,
        assistant_id: model,
        timestamp: new Date(Date.now() - hours * HOUR).toISOString(),
        properties: { $event_id: `${user}-${hours}` },
      });
    await post(server, [
      asked('ada', 'gpt', 2),
      asked('bob', 'gpt', 3),
      asked('cleo', 'opus', 4),
      asked('ada', 'opus', 26),
      asked('dora', 'gpt', 27),
    ]);
    const { page } = await openPage(`${server.url}/overview`);
    const tile = (name: string) => `.tiles .card:has(dt:text-is("${name}"))`;
    await expectText(page, tile('Prompts'), /Prompts\s5/);
    await page.getByLabel('Compare', { exact: true }).selectOption('previous');
    await expectText(page, '.periods', /Choose a time/);
    await expectText(page, tile('Prompts'), /Prompts\s5/);
    await page.getByLabel('Time', { exact: true }).selectOption('24h');
    await expectText(page, tile('Prompts'), /Prompts\s3\s?\+50 % \(2\)/);
    await expectText(page, tile('People'), /People\s3\s?\+50 % \(2\)/);
    await expectText(page, '.periods', /until now, compared with/);
    expect(new URL(page.url()).search).toBe('?against=previous&since=24h');
    expect(await axeViolations(page)).toEqual([]);

    await page.goto(new URL('/people?since=24h&model=gpt&against=model%3Dopus', page.url()).href);
    await expectText(page, tile('Requests'), /Requests\s2\s?\+100 % \(1\)/);
    await expectText(page, '.periods', /compared with model opus/);
    await page.getByLabel('Compare', { exact: true }).selectOption('');
    await expect.poll(() => page.locator('.tiles').count()).toBe(0);
    expect(await page.locator('table.people tbody tr').count()).toBe(2);
  });

  test('active people, retention and topics are compared in the same way', async () => {
    const server = await useServer();
    const asked = (user: string, model: string, text: string, hours: number) =>
      prompt({
        user_id: user,
        assistant_id: model,
        prompt: text,
        timestamp: new Date(Date.now() - hours * HOUR).toISOString(),
        properties: { $event_id: `${user}-${model}-${text}-${hours}` },
      });
    const people = Array.from({ length: 12 }, (_, at) => `user ${at}`);
    await post(server, [
      ...people.map((user) => asked(user, 'gpt', 'refund order', 0)),
      ...people.map((user) => asked(user, 'opus', 'login password', 0)),
      ...people.slice(0, 4).map((user) => asked(user, 'opus', 'refund order', 0)),
      ...people.slice(0, 4).map((user) => asked(user, 'opus', 'refund order', 7 * 24)),
      ...people.slice(0, 8).map((user) => asked(user, 'gpt', 'refund order', 7 * 24)),
      ...['gpt', 'opus'].flatMap((model) =>
        people.slice(0, 4).map((user) => asked(user, model, 'refund order', 14 * 24)),
      ),
    ]);
    // An age would reach into the week before on a Monday, just after midnight.
    const { page, problems } = await openPage(
      `${server.url}/people?show=active&step=week&since=${Date.now()}&against=previous`,
    );
    await expectText(page, '.table-head', /12 \+50 % \(8\) active/);
    await expectText(page, 'table.activity tbody', /12 \+50 % \(8\)/);
    await expectText(page, '.table-head .periods', /until now, compared with/);
    await page.goto(new URL('/people?show=retention&model=gpt&against=model%3Dopus', page.url()).href);
    await expectText(page, '.retention-mean', /100 %\s+100 % same \(100 %\)/);
    await expectText(page, '.table-head .periods', /compared with model opus/);
    expect(await axeViolations(page)).toEqual([]);
    await page.goto(new URL('/topics', page.url()).href);
    await expectText(page, '.topics-note', /Choose a time/);
    await page.getByLabel('Compare', { exact: true }).selectOption('previous');
    await expectText(page, '.topics-note', /Choose a time/);
    await page.goto(new URL('/topics?model=gpt&against=model%3Dopus', page.url()).href);
    await expectText(page, 'table.topics thead', /Compared/);
    await expectText(page, 'table.topics tbody', /100 %\s+50 %/);
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
  });
});
