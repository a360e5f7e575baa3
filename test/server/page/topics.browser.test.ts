import { describe, expect, test } from 'vitest';
import { MemoryStore, type NewRecord } from '../../../src/server/index.js';
import { formerKeyOf } from '../../../src/server/insights/labels/intents.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { useScriptedServer } from '../../support/use-scripted-server.js';
import { useServer } from '../../support/use-server.js';
import { numbered } from '../engines/stored.js';
import { seededTexts } from '../insights/topics/seeded-texts.js';

async function useTopics(count: number) {
  const store = new MemoryStore();
  const records = seededTexts(count, { en: 3, ja: 1 }, 1).map(({ id, userId, text }, index): NewRecord => {
    const timestamp = new Date(Date.now() - index * 60_000).toISOString();
    const base = { id, userId, timestamp, receivedAt: timestamp, tags: [], properties: {} };
    return { ...base, kind: 'prompt', prompt: text, generation: 'Yes.' };
  });
  await store.put(records);
  return useServer({ store });
}

describe.skipIf(chromiumPath === undefined)('the tab “Topics”', () => {
  const openPage = useBrowser();

  test('topics are listed with their numbers, and a click shows their records', async () => {
    const server = await useTopics(300);
    const { page, problems } = await openPage(`${server.url}/topics`);
    await expectText(page, '.topics-note', /Found in 300 requests/);
    const row = page.locator('.topics tbody tr').filter({ hasText: 'password' }).first();
    const cells = await row.locator('td').allTextContents();
    expect(cells).toHaveLength(5);
    const share = Number.parseFloat(cells[0] ?? '');
    expect(share).toBeGreaterThan(10);
    await expectText(page, '.topics tbody', /返金/);
    expect(await axeViolations(page)).toEqual([]);
    await row.getByRole('link').click();
    await expectText(page, '.filters', `${cells[1]} records`);
    expect(new URL(page.url()).searchParams.get('topic')).toContain('password');
    await expectText(page, '.chip', /topic password/);
    await page.goto(`${server.url}/topics?since=24h`);
    await expectText(page, '.topics thead', /Before/);
    await expectText(page, '.topics tbody', /new/);
    await page.setViewportSize({ width: 400, height: 800 });
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    expect(problems).toEqual([]);
  });

  test('too few texts are said to be too few', async () => {
    const server = await useTopics(5);
    const { page } = await openPage(`${server.url}/topics`);
    await expectText(page, 'main', /At least 20 texts are needed/);
  });

  test('categories of labels are renamed and added where they are shown', async () => {
    const store = new MemoryStore();
    const timestamp = new Date().toISOString();
    const labels = { label_status: 'done', label_sentiment: 'neutral', label_outcome: 'done' };
    await store.put(
      ['money back', 'money back', 'refund'].map((intent, at) => ({
        ...numbered(at),
        timestamp,
        receivedAt: timestamp,
        properties: { ...labels, label_intent: intent },
      })),
    );
    const model = await useScriptedServer();
    const server = await useServer({ store, labels: { url: `${model.url}/v1`, model: 'small' } });
    const { page, problems } = await openPage(`${server.url}/topics`);
    await page.getByText('Change categories').click();
    await page.getByRole('combobox', { name: 'Category' }).selectOption('money back');
    await page.getByRole('combobox', { name: 'New name' }).fill('refund');
    await page.getByRole('button', { name: 'Rename or merge' }).click();
    await expectText(page, '.category-forms [role="status"]', '2 prompts changed to refund.');
    await expectText(page, '[aria-label="Intent"]', /refund\s*3/);
    await page.getByRole('textbox', { name: 'Another category' }).fill('Delivery!');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await expectText(
      page,
      '.category-forms [role="status"]',
      'Known to the labeller from now on: refund, delivery.',
    );
    expect((await store.documents.get('setting', 'label-categories'))?.value).toEqual({
      names: ['refund', 'delivery'],
      renamed: { [formerKeyOf('money back')]: 'refund' },
      renamedAfter: { [formerKeyOf('money back')]: 0 },
    });
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
  });
});
