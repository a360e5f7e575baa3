import { describe, expect, test } from 'vitest';
import { MemoryStore, type NewRecord } from '../../../src/server/index.js';
import { post, prompt } from '../../support/server-requests.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { useServer } from '../../support/use-server.js';
import { numbered } from '../engines/stored.js';

const DAY = 86_400_000;

/** People of six weeks: some stay, some come back after a while, some are tests. */
async function useVisited() {
  const store = new MemoryStore();
  const now = Date.now();
  const visit = (userId: string, daysAgo: number, properties: NewRecord['properties'] = {}): NewRecord => {
    const timestamp = new Date(now - daysAgo * DAY).toISOString();
    return {
      ...numbered(1),
      id: `${userId} ${daysAgo}`,
      userId,
      timestamp,
      receivedAt: timestamp,
      threadId: `thread of ${userId}`,
      properties,
    };
  };
  const acme = { organization_id: 'acme', plan: 'pro' };
  await store.put([
    ...[40, 33, 26, 14, 7, 0].map((days) => visit('ada', days, acme)),
    ...[39, 38, 12].map((days) => visit('bob', days, acme)),
    ...[20, 19, 0].map((days) => visit('cy', days, { organization_id: 'globex' })),
    visit('dora', 0),
    visit('anonymous', 1),
    ...[3, 2].map((days) => visit('robot', days, { environment: 'ci' })),
  ]);
  return useServer({ store });
}

describe.skipIf(chromiumPath === undefined)('the page about people', () => {
  const openPage = useBrowser();

  test.each(['light', 'dark'] as const)(
    'active people and retention are tables without problems of access, in %s',
    async (colorScheme) => {
      const server = await useVisited();
      const { page, problems } = await openPage(`${server.url}/people`, { colorScheme });
      await page.getByRole('navigation', { name: 'People' }).getByRole('link', { name: 'Active' }).click();
      await page.getByRole('combobox', { name: 'Periods' }).selectOption('By week');
      const rows = page.getByRole('region', { name: 'Active' }).getByRole('row');
      const { periods } = (await (
        await fetch(
          `${server.url}/api/activity?step=week&limit=26&timezone=${encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)}`,
        )
      ).json()) as {
        periods: { active: number; new: number; returning: number; resurrected: number; dormant: number }[];
      };
      await expect.poll(() => rows.count()).toBe(periods.length + 1);
      const cells = await rows.nth(1).getByRole('cell').allInnerTexts();
      const latest = periods.at(-1);
      expect(cells.filter((text) => text !== '').map(Number)).toEqual([
        latest?.active,
        latest?.new,
        latest?.returning,
        latest?.resurrected,
        latest?.dormant,
      ]);
      await expectText(page, '.activity tbody tr:first-child th', 'so far');
      expect(await axeViolations(page)).toEqual([]);
      await page.getByRole('navigation', { name: 'People' }).getByRole('link', { name: 'Retention' }).click();
      await expectText(page, '.retention-mean', 'Mean');
      await expectText(page, '.retention tbody tr:last-child', '*');
      await expectText(page, '.retention tbody tr:nth-child(2)', '100 %');
      expect(await axeViolations(page)).toEqual([]);
      expect(new URL(page.url()).searchParams.get('show')).toBe('retention');
      expect(problems).toEqual([]);
    },
  );

  test('days and times are those of the project, wherever the reader is, and the page says so', async () => {
    const store = new MemoryStore();
    const timestamp = '2026-11-03T20:00:00.000Z';
    await store.put([{ ...numbered(1), id: 'late', userId: 'ada', timestamp, receivedAt: timestamp }]);
    await store.documents.put({ kind: 'setting', name: 'time-zone', value: { timeZone: 'Asia/Kathmandu' } });
    const server = await useServer({ store });
    const { page, problems } = await openPage(`${server.url}/people?show=active&until=2026-11-05`, {
      timezoneId: 'America/New_York',
    });
    await expectText(page, '.table-head', 'Days in Asia/Kathmandu');
    await expectText(page, '.activity tbody', /4 Nov 2026\s+1\s/);
    await page.goto(`${server.url}/people?show=retention`);
    await expectText(page, '.table-head', 'from Monday in Asia/Kathmandu');
    await page.goto(`${server.url}/?record=late`);
    await expectText(page, '.facts', '4 Nov 2026, 01:45:00');
    await page.getByText('Filter', { exact: true }).click();
    await page.getByLabel('By').selectOption('until');
    await page.locator('input[type=datetime-local]').fill('2026-11-04T02:00');
    await page.getByRole('button', { name: 'Add filter' }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('until')).toBe('2026-11-03T20:15:00.000Z');
    await page.goto(`${server.url}/overview?since=2026-11-01&until=2026-11-06`);
    await expectText(page, '.overview', 'Days and times in Asia/Kathmandu, for everybody.');
    expect(problems).toEqual([]);
  });

  test('an editor gives the project a time zone, and takes it back', async () => {
    const store = new MemoryStore();
    const server = await useServer({ store });
    await post(server, [prompt()]);
    const { page } = await openPage(`${server.url}/overview`, { timezoneId: 'America/New_York' });
    const change = page.getByRole('button', { name: 'Change the time zone' });
    const field = page.getByRole('combobox', { name: 'Time zone' });
    await expectText(page, '.overview', 'Days and times in America/New_York, that of this browser.');
    await change.click();
    expect(await axeViolations(page)).toEqual([]);
    await field.fill('Mars/Base');
    await page.keyboard.press('Enter');
    await expectText(page, 'dialog [role=alert]', 'There is no time zone “Mars/Base”');
    await field.fill('Asia/Kathmandu');
    await page.getByRole('button', { name: 'Use for everybody' }).click();
    await expectText(page, '.overview', 'Days and times in Asia/Kathmandu, for everybody.');
    expect((await store.documents.get('setting', 'time-zone'))?.value).toEqual({
      timeZone: 'Asia/Kathmandu',
    });
    await change.click();
    await page.getByRole('button', { name: 'Use that of each reader' }).click();
    await expectText(page, '.overview', 'Days and times in America/New_York, that of this browser.');
    expect(await store.documents.get('setting', 'time-zone')).toBeUndefined();
    await store.documents.put({ kind: 'setting', name: 'time-zone', value: 'a form of later versions' });
    await page.reload();
    const unread = 'America/New_York, because the time zone of the project could not be read.';
    await expectText(page, '.overview', unread);
  });

  test('organizations are counted like people, and lead to their people', async () => {
    const server = await useVisited();
    const { page } = await openPage(`${server.url}/people`);
    await page.getByRole('combobox', { name: 'Count' }).selectOption('Organizations');
    await expectText(page, 'table.people tbody tr:first-child', /acme\s+2\s+9/);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'acme' }).click();
    await expectText(page, 'table.people tbody', /ada/);
    expect(await page.getByRole('link', { name: 'cy', exact: true }).count()).toBe(0);
    await page.getByRole('textbox', { name: 'Count by another property' }).fill('plan');
    await page.keyboard.press('Enter');
    await expectText(page, 'table.people tbody tr:first-child', /pro\s+2/);
    const choose = page.getByRole('button', { name: 'Count plan as organizations, for everybody' });
    await choose.click();
    await expectText(page, 'dialog', /instead of organization_id/);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Keep organization_id' }).click();
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await (await fetch(`${server.url}/api/documents/setting`)).json()).toEqual({ documents: [] });
    await choose.click();
    await page.getByRole('button', { name: 'Count plan', exact: true }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('by')).toBe('organization');
    await expectText(page, 'table.people thead', /^plan/);
    await page.reload();
    await expectText(page, 'table.people tbody tr:first-child', /pro\s+2/);
    await page.getByRole('link', { name: 'pro', exact: true }).click();
    await expectText(page, 'table.people tbody', /ada/);
    expect(new URL(page.url()).search).toContain('prop.plan=pro');
  });

  test('internal traffic is hidden in every view with its number, and a switch shows it', async () => {
    const server = await useVisited();
    const { page, problems } = await openPage(server.url);
    // The summary is of seven days.
    const views = ['/', '/conversations', '/review', '/people', '/topics', '/overview', '/explore'];
    for (const [path, count] of [['/summary', '4 records'], ...views.map((view) => [view, '14 records'])]) {
      await page.goto(`${server.url}${path}`);
      await expectText(page, '[data-kind="internal"] summary', '2 internal hidden');
      await expectText(page, '.filters', count ?? '');
    }
    await page.goto(`${server.url}/overview`);
    await page.getByText('2 internal hidden').click();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('radio', { name: 'Show it as well' }).check();
    await expectText(page, '.filters', '16 records');
    expect(new URL(page.url()).search).toBe('?internal=show');
    await page.getByRole('radio', { name: 'Show nothing else' }).check();
    await expectText(page, '.filters', '2 records');
    await page.getByRole('radio', { name: 'Hide it' }).check();
    await expectText(page, '.filters', '14 records');
    expect(new URL(page.url()).search).toBe('');
    expect(problems).toEqual([]);
  });

  test('an open conversation of internal traffic is shown, wherever it was opened from', async () => {
    const server = await useVisited();
    const { page } = await openPage(`${server.url}/conversations?internal=only`);
    await page.locator('.thread-list a').first().click();
    await expectText(page, '.thread-sums', '2 prompts');
    await expect.poll(() => page.locator('.bubble.from-user').count()).toBe(2);
  });

  test('what is internal can be changed and taken back, and a filter that means everything is refused', async () => {
    const server = await useVisited();
    const { page } = await openPage(server.url);
    const edit = async (): Promise<void> => {
      await page.locator('[data-kind="internal"] summary').click();
      await page.getByRole('button', { name: 'What is internal …' }).click();
    };
    await edit();
    expect(await axeViolations(page)).toEqual([]);
    const field = page.getByRole('textbox', { name: 'Filters, one a line' });
    await field.fill('env=ci');
    await page.getByRole('button', { name: 'Save' }).click();
    await expectText(page, 'dialog [role="alert"]', '"env" is no filter of records');
    await field.fill('user=ada\nuser=bob');
    await page.getByRole('button', { name: 'Save' }).click();
    await expectText(page, '[data-kind="internal"] summary', '9 internal hidden');
    await edit();
    await page.getByRole('button', { name: 'Use the default' }).click();
    await expectText(page, '[data-kind="internal"] summary', '2 internal hidden');
  });

  test('a segment is made from the filters that are set, filters everywhere, and is deleted', async () => {
    const server = await useVisited();
    const { page, problems } = await openPage(`${server.url}/?prop.plan=pro&since=30d`);
    await page.locator('[data-kind="segment"] summary').click();
    await page.getByRole('button', { name: 'New segment …' }).click();
    const field = page.getByRole('textbox', { name: 'Filters, one a line' });
    expect(await field.inputValue()).toBe('prop.plan=pro');
    await page.getByRole('button', { name: 'Save' }).click();
    await expectText(page, 'dialog [role="alert"]', 'needs a name');
    await page.getByRole('textbox', { name: 'Name' }).fill('Paying & early');
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save' }).click();
    // The page loads itself again.
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.goto(`${server.url}/people`);
    await page.locator('[data-kind="segment"] summary').click();
    await page.getByRole('checkbox', { name: 'Paying & early' }).check();
    await expectText(page, 'table.people tbody', /ada/);
    await expect.poll(() => page.locator('table.people tbody tr').count()).toBe(2);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Change segment Paying & early' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await expectText(page, '.main', 'There is no segment');
    expect(problems.filter((text) => !text.includes('400'))).toEqual([]);
  });
});
