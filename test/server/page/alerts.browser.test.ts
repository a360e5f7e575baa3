import { describe, expect, test } from 'vitest';
import { MemoryStore, type NewRecord } from '../../../src/server/index.js';
import { AlertWatch } from '../../../src/server/insights/alerts/alert-watch.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { useScriptedServer } from '../../support/use-scripted-server.js';
import { useServer } from '../../support/use-server.js';

const labels = { label_status: 'done', label_sentiment: 'negative', label_outcome: 'not done' };

function prompts(): NewRecord[] {
  const timestamp = new Date(Date.now() - 60_000).toISOString();
  return Array.from({ length: 12 }, (_, index) => ({
    kind: 'prompt',
    id: `r${index}`,
    userId: index < 6 ? 'ada' : 'bob',
    prompt: `question ${index}`,
    generation: 'answer',
    timestamp,
    receivedAt: timestamp,
    tags: [],
    properties: {
      organization_id: index < 8 ? 'acme' : 'globex',
      cost: 0.5,
      cost_source: 'sent',
      ...(index < 9 && { ...labels, label_intent: index < 6 ? 'refund request' : 'unclear' }),
    },
  }));
}

describe.skipIf(chromiumPath === undefined)('the tab “Alerts”', () => {
  const openPage = useBrowser();

  test('a rule is made with a preview, shown with its state and history, and deleted', async () => {
    const store = new MemoryStore();
    await store.put(prompts());
    const server = await useServer({ store });
    const { page, problems } = await openPage(`${server.url}/alerts?prop.organization_id=acme&since=7d`);
    await expectText(page, '.message', /No rules yet/);
    await expectText(page, '.alerts-head', /shown here alone/);
    await page.getByRole('button', { name: 'New rule' }).click();
    await page.getByLabel('Name').fill('Spend');
    expect(await page.getByLabel('Filters').inputValue()).toBe('prop.organization_id=acme');
    await page.getByLabel('Threshold').fill('2,5');
    await page.getByLabel('For at least').fill('0s');
    await expectText(page, '.rule-preview', /Would be alerting now: cost by person above \$2\.50 in 24h/);
    await expectText(page, '.rule-preview', /ada: \$3\.00 \(n = 6\) – alerting/);
    await page.getByLabel('In the last').fill('soon');
    await expectText(page, '.rule-preview', /"window" of a rule must be a time/);
    await page.getByRole('button', { name: 'Save' }).click();
    await expectText(page, 'dialog [role=alert]', /"window" of a rule must be a time/);
    await page.getByLabel('In the last').fill('24h');
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save' }).click();
    await expectText(page, '.alert-rule', /Spend.*OK.*cost by person above \$2\.50 in 24h.*ada: \$3\.00/s);

    // Another server evaluates, as the one of the page does within a minute.
    const steadyNow = (): number => performance.now() + 3_600_000;
    await new AlertWatch({ store, steadyNow }).run();
    await page.reload();
    await expectText(page, '.alert-rule', /Alerting.*ada \$3\.00 \(n = 6\) since/s);
    await page.getByText('History (1)').click();
    await expectText(page, '.alert-history tbody', /Alerting: ada, \$3\.00.*nobody/s);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await axeViolations(page)).toEqual([]);
    }
    await page.setViewportSize({ width: 400, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    await page.locator('.alert-rule').getByRole('link', { name: 'ada' }).click();
    await expectText(page, '.filters', '6 records');
    expect(new URL(page.url()).pathname).toBe('/people');
    // What was measured before the rule was changed keeps its unit.
    await store.documents.put({
      kind: 'rule',
      name: 'Spend',
      value: { measure: 'errorRate', by: 'user', window: '24h', above: 0.5 },
    });
    await page.goto(`${server.url}/alerts`);
    await page.getByText('History (1)').click();
    await expectText(page, '.alert-history tbody', /Alerting: ada, \$3\.00/);
    await page.getByRole('button', { name: 'Open the rule Spend' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await expectText(page, '.message', /No rules yet/);
    // One answer is a refusal on purpose: the page reports each as a problem of the console.
    expect(problems.filter((problem) => !/40[04]|422/.test(problem))).toEqual([]);
  });

  test('labels are shown where texts are sent for them, and lead to their records', async () => {
    const store = new MemoryStore();
    await store.put(prompts());
    const model = await useScriptedServer(() => 'hang');
    const server = await useServer({ store, labels: { url: `${model.url}/v1`, model: 'llama3.2' } });
    const { page, problems } = await openPage(`${server.url}/topics`);
    await expectText(page, '.labels', /sent to 127\.0\.0\.1:\d+, where the model llama3\.2/);
    await expectText(page, '.labels', /9 are labelled, 3 wait/);
    const intents = page.getByRole('region', { name: 'Intent' });
    await expectText(page, '[aria-label="Intent"]', /refund request.*6.*not enough to say.*3/s);
    expect(await axeViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 400, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    await intents.getByRole('link', { name: 'not enough to say' }).click();
    await expectText(page, '.filters', '3 records');
    expect(problems).toEqual([]);
    const { page: other } = await openPage(`${(await useServer()).url}/topics`);
    await expectText(other, 'main', /No topics yet/);
    expect(await other.locator('.labels').count()).toBe(0);
  });
});
