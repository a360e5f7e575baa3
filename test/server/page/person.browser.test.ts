import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunningServer } from '../../../src/server/index.js';
import { post, prompt } from '../../support/server-requests.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { useFolder } from '../../support/use-folder.js';
import { useServer } from '../../support/use-server.js';

async function seed(server: RunningServer): Promise<void> {
  const event = (user: string, name: string, properties: Record<string, unknown>) =>
    post(server, [{ user_id: user, event: name, properties }], {}, 'publish_events');
  await post(server, [
    prompt({ thread_id: 't1', properties: { $event_id: 'p1' } }),
    prompt({ thread_id: 't1', properties: { $event_id: 'p2' } }),
    prompt({ user_id: 'bob', prompt: 'Of Bob?', properties: { $event_id: 'p3' } }),
  ]);
  await event('ada', 'LLM call', { $event_id: 'c1', turn_id: 'p1' });
  await event('bob', 'User feedback', { $event_id: 'f1', record_id: 'p1', score: 1 });
  await event('ada', 'Sign up', { $event_id: 's1' });
}

describe.skipIf(chromiumPath === undefined)('the page about one person', () => {
  const openPage = useBrowser();

  test('the button on the page of a person names what goes, and deletes it for good', async () => {
    const file = join(await useFolder(), 'records.jsonl');
    const server = await useServer({ file });
    await seed(server);
    await fetch(`${server.url}/api/documents/segment/Pilots`, {
      method: 'PUT',
      body: JSON.stringify({ filters: ['user=ada', 'user=bob'] }),
    });
    const { page, problems } = await openPage(`${server.url}/people`);
    const ofAda = page.locator('table.people tr', { hasText: 'ada' });
    expect(await ofAda.getByRole('link', { name: '2', exact: true }).getAttribute('href')).toBe('/?user=ada');
    await page.getByRole('link', { name: 'ada', exact: true }).click();
    await expectText(page, '.person-bar', /ada/);
    await expectText(page, '.person-timeline', '1 conversation');
    expect(page.url()).toBe(`${server.url}/people?user=ada`);
    const href = await page.getByRole('link', { name: 'Export', exact: true }).getAttribute('href');
    const all = await (await fetch(`${server.url}${href}`)).text();
    expect(all.trimEnd().split('\n')).toHaveLength(5);
    await page.getByRole('button', { name: 'Forget …' }).click();
    await expectText(page, 'dialog', /Forget ada\?/);
    for (const line of [
      '2 prompts with their answers',
      '1 call within turns',
      '1 feedback or evaluation',
      '1 other event',
      '1 of them is by others',
      'in the file records.jsonl',
      '1 document names this person and stays',
      'segment “Pilots”',
    ])
      await expectText(page, 'dialog', line);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Keep them' }).click();
    expect(server.records()).toHaveLength(6);
    await page.getByRole('button', { name: 'Forget …' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await expectText(page, 'dialog', /ada is forgotten here[^]*segment “Pilots”/);
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await expectText(page, '.filters', '1 record');
    await expectText(page, 'table.people tbody', /^bob/);
    expect(new URL(page.url()).search).toBe('');
    expect(await page.locator('.person-bar, dialog').count()).toBe(0);
    expect(server.records().map(({ id }) => id)).toEqual(['p3']);
    expect(readFileSync(file, 'utf8')).not.toContain('"ada"');
    expect(problems).toEqual([]);
  });

  test('what went on to another host is listed after the person was forgotten', async () => {
    const host = await useServer();
    const server = await useServer({ forwardTo: { host: host.ingestionUrl } });
    await seed(server);
    await expect.poll(() => host.records()).toHaveLength(6);
    const { page } = await openPage(`${server.url}/conversations?user=ada`);
    await page.getByRole('button', { name: 'Forget …' }).click();
    await expectText(page, 'dialog', new RegExp(`5 records went on to ${host.ingestionUrl}`));
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await expectText(page, 'dialog h2', 'ada is forgotten here');
    for (const id of ['p1', 'p2', 'c1', 'f1', 's1']) await expectText(page, 'dialog pre', id);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await expect.poll(() => new URL(page.url()).search).toBe('');
    // The counters of the forwarding are there, whatever the filters match.
    await page.goto(`${server.url}/overview?user=ada`);
    await expectText(page, '.forwarding', '6 sent');
  });

  test('an open page drops what was deleted elsewhere at once, and a failure is told in the dialog', async () => {
    const server = await useServer();
    await seed(server);
    const { page } = await openPage(`${server.url}/?user=ada`);
    await expectText(page, '.filters', '4 records');
    await page.route('**/api/records?user=ada', (route) =>
      route.request().method() === 'DELETE'
        ? route.fulfill({ status: 500, json: { detail: 'The disk is full' } })
        : route.continue(),
    );
    await page.getByRole('button', { name: 'Forget …' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await expectText(page, 'dialog [role=alert]', 'The disk is full');
    await page.keyboard.press('Escape');
    await fetch(`${server.url}/api/records?user=ada`, { method: 'DELETE' });
    await expectText(page, '.filters', '0 records');
  });

  test('records that were evicted are said on every view of records, with the limit and since when', async () => {
    const server = await useServer({ maxRecords: 2 });
    await post(server, [prompt(), prompt()]);
    const { page, problems } = await openPage(server.url);
    await expectText(page, '.filters', '2 records');
    expect(await page.locator('.note').count()).toBe(0);
    await post(server, [prompt(), prompt(), prompt()]);
    await expectText(
      page,
      '.note',
      /^3 older records were evicted since .* 2026, \d\d:\d\d:\d\d: at most 2 are kept/,
    );
    for (const path of ['/conversations', '/people', '/overview']) {
      await page.goto(`${server.url}${path}`);
      await expectText(page, '.note', '3 older records were evicted');
    }
    expect(problems).toEqual([]);
  });

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 400],
    ['dark', 400],
  ] as const)('the bar, the note and the dialog fit, in %s and at %i px', async (colorScheme, width) => {
    const host = await useServer();
    const server = await useServer({ maxRecords: 5, forwardTo: { host: host.ingestionUrl } });
    await post(server, [prompt()]);
    await seed(server);
    const { page } = await openPage(`${server.url}/?user=ada`, {
      colorScheme,
      viewport: { width, height: 800 },
    });
    await expectText(page, '.note', 'evicted');
    expect(await axeViolations(page)).toEqual([]);
    const screenshots = process.env['TRUBRICS_SCREENSHOTS'];
    const shoot = async (name: string): Promise<void> => {
      if (screenshots)
        await page.screenshot({ path: join(screenshots, `${name}-${colorScheme}-${width}.png`) });
    };
    await shoot('bar');
    await page.getByRole('button', { name: 'Forget …' }).click();
    await expectText(page, 'dialog', 'went on to');
    expect(await axeViolations(page)).toEqual([]);
    await shoot('dialog');
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  });

  test('the page of a person is a timeline of conversations, with what is known of each', async () => {
    const server = await useServer();
    const asked = (id: string, thread: string, text: string) =>
      prompt({ thread_id: thread, prompt: text, properties: { $event_id: id, cost: 0.25 } });
    await post(server, [
      asked('p1', 't1', 'A refund please'),
      asked('p2', 't1', 'Is it done?'),
      asked('p3', 't2', 'Hello'),
      prompt({ thread_id: null, properties: { $event_id: 'p4' } }),
    ]);
    const thumb = {
      $event_id: 'f1',
      record_id: 'p1',
      feedback_type: 'thumbs',
      score: -1,
      comment: 'Too slow',
    };
    await post(
      server,
      [{ event: 'User feedback', user_id: 'bob', thread_id: 't1', properties: thumb }],
      {},
      'publish_events',
    );
    await fetch(`${server.url}/api/documents/topic/refunds`, {
      method: 'PUT',
      body: JSON.stringify({ name: 'Refunds', terms: ['refund'] }),
    });
    const { page, problems } = await openPage(`${server.url}/?user=ada`);
    await page.locator('.person-bar').getByRole('link', { name: 'Timeline' }).click();
    await expectText(
      page,
      '.person-timeline',
      /2 conversations, 4 prompts, 0 errors, \$0\.75 \+ 1 unpriced call, 1 of 1 rated answer bad/,
    );
    const refund = page.locator('.person-timeline li', { hasText: 'A refund please' });
    expect(await refund.innerText()).toMatch(/2 prompts · \$0\.50 · 1 bad · Refunds\s+Too slow/);
    await expectText(page, '.person-timeline', '1 request belongs to no conversation');
    expect(await axeViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 400, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    await page.locator('.person-bar').getByRole('button', { name: 'Forget …' }).waitFor();
    await refund.getByRole('link').click();
    await expectText(page, '.conversation', /A refund please/);
    expect(problems).toEqual([]);
  });
});
