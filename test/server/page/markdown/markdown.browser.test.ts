import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../../support/use-browser.js';
import { eventually } from '../../../support/eventually.js';
import { post, prompt } from '../../../support/server-requests.js';
import { useServer } from '../../../support/use-server.js';
import { hostileTexts, longTexts } from './hostile-texts.js';

const SAMPLE = `# Trip

A **bold** plan with [a link](https://outside.test/page), \`code\` and ![a map](https://outside.test/map.png).

| Day | Place |
| --- | ----: |
| 1 | Rome |

- [x] booked
- [ ] packed

\`\`\`python
def fly(): # soon
    return "Rome"
\`\`\``;

/** Elements and attributes that an answer may consist of. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(['blockquote', 'ul', 'table'].map((name) => [name, ['dir']])),
  ...Object.fromEntries(
    ['p', 'h4', 'h5', 'h6', 'hr', 'br', 'strong', 'em', 'del', 'code', 'thead', 'tbody', 'tr'].map((name) => [
      name,
      [],
    ]),
  ),
  li: ['data-task'],
  div: ['class', 'tabindex', 'role', 'aria-label'],
  span: ['class', 'aria-live'],
  ol: ['dir', 'start'],
  pre: ['tabindex'],
  th: ['data-align'],
  td: ['data-align'],
  input: ['type', 'disabled', 'aria-label'],
  a: ['href', 'target', 'rel'],
  button: ['type', 'class', 'title', 'aria-label', 'data-state'],
};

/** What is read of an element in the browser. */
interface FoundElement {
  readonly localName: string;
  getAttributeNames(): string[];
  getAttribute(name: string): string | null;
}

/** Hosts other than the server's that the page asks for something. */
function outsideRequests(page: Page, url: string): string[] {
  const outside: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) outside.push(request.url());
  });
  return outside;
}

describe.skipIf(chromiumPath === undefined)('answers as Markdown', () => {
  const openPage = useBrowser();

  test('an answer is shown as Markdown, raw by a switch that is remembered, and is accessible', async () => {
    const server = await useServer();
    await post(server, [prompt({ generation: SAMPLE, properties: { $event_id: 'r1' } })]);
    for (const options of [{}, { colorScheme: 'dark' as const }, { viewport: { width: 400, height: 800 } }]) {
      const { page, problems } = await openPage(`${server.url}/?record=r1`, options);
      await page.locator('.markdown h4', { hasText: 'Trip' }).waitFor();
      expect(await page.locator('.markdown strong').innerText()).toBe('bold');
      expect(await page.locator('.markdown td').allInnerTexts()).toEqual(['1', 'Rome']);
      expect(await page.locator('.markdown input:checked').count()).toBe(1);
      expect(await page.locator('.markdown .hljs-keyword').allInnerTexts()).toEqual(['def', 'return']);
      expect([await axeViolations(page), problems]).toEqual([[], []]);
    }
    const { page } = await openPage(`${server.url}/?record=r1`);
    await page.getByRole('button', { name: 'Raw' }).click();
    await expectText(page, '.detail', '**bold** plan');
    await page.reload();
    await expectText(page, '.detail', '**bold** plan');
    await page.getByRole('button', { name: 'Raw' }).click();
    await page.locator('.markdown strong').waitFor();
  });

  test('an image of another host is requested when the reader asks for it, and not before', async () => {
    const server = await useServer();
    await post(server, [prompt({ generation: SAMPLE, properties: { $event_id: 'r1' } })]);
    const { page } = await openPage('about:blank');
    const outside = outsideRequests(page, server.url);
    await page.goto(`${server.url}/?record=r1`);
    const button = page.getByRole('button', { name: 'load it from outside.test' });
    await button.waitFor();
    expect(outside).toEqual([]);
    await button.click();
    await eventually(() => expect(outside).toEqual(['https://outside.test/map.png']));
  });

  test('hostile answers give nothing but allowed elements, and no request leaves the page', async () => {
    const server = await useServer();
    const texts = [...hostileTexts, '**the last one**'];
    expect(texts.length).toBeGreaterThan(100);
    const items = texts.map((generation, i) =>
      prompt({
        generation,
        thread_id: 't1',
        timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, i)).toISOString(),
      }),
    );
    for (let i = 0; i < items.length; i += 100) await post(server, items.slice(i, i + 100));
    const { page, problems } = await openPage('about:blank');
    const outside = outsideRequests(page, server.url);
    await page.goto(`${server.url}/conversations?open=t1`);
    const earlier = page.getByRole('button', { name: 'Show earlier' });
    if (await earlier.isVisible()) await earlier.click();
    await page.locator('.markdown strong', { hasText: 'the last one' }).waitFor();
    await eventually(async () => expect(await page.locator('.markdown').count()).toBeGreaterThan(80));
    const found = await page.locator('.markdown').evaluateAll((roots) =>
      roots.flatMap((root) =>
        Array.from(root.querySelectorAll('*'), (element: FoundElement) => ({
          name: element.localName,
          attributes: element.getAttributeNames(),
          href: element.getAttribute('href') ?? 'https:',
        })),
      ),
    );
    expect(found.length).toBeGreaterThan(100);
    for (const { name, attributes, href } of found) {
      expect(Object.keys(ALLOWED)).toContain(name);
      for (const attribute of attributes) expect(ALLOWED[name]).toContain(attribute);
      expect(href).toMatch(/^(https?|mailto):/);
    }
    expect(await page.evaluate(() => Reflect.get(globalThis, 'broken') as unknown)).toBeUndefined();
    expect([outside, problems]).toEqual([[], []]);
  });

  test.each(Object.keys(longTexts))('a long answer of %s is shown, and the page goes on', async (name) => {
    const server = await useServer();
    await post(server, [prompt({ generation: longTexts[name], properties: { $event_id: 'r1' } })]);
    const { page, problems } = await openPage(`${server.url}/?record=r1`);
    await page.locator('.detail :is(.markdown, .plain-answer .muted)').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.locator('.detail').waitFor({ state: 'detached' });
    expect(problems).toEqual([]);
  });
});
