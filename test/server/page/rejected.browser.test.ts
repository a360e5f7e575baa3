import { describe, expect, test } from 'vitest';
import { jsonRequest } from '../../support/otlp-encoder.js';
import { makeChatSpan, makeSpan } from '../../support/span.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { useServer } from '../../support/use-server.js';

describe.skipIf(chromiumPath === undefined)('the tab of rejected requests', () => {
  const openPage = useBrowser();

  test('spans that are no records say what to change, and can be chosen by their reason', async () => {
    const { url } = await useServer();
    const empty = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };
    await fetch(`${url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: jsonRequest([
        makeSpan({ name: 'chat without content', spanId: '00000000000000e1', attributes: empty }),
        makeChatSpan({ name: 'chat with content', spanId: '00000000000000e3' }),
      ]),
    });
    const { page, problems } = await openPage(`${url}/rejected`);
    await expectText(page, '[aria-label=Spans]', 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true');
    expect(await page.locator('[aria-label=Spans] tbody').textContent()).not.toContain('chat with content');
    await page.getByRole('combobox', { name: /What became/ }).selectOption('recorded');
    await expectText(page, '[aria-label=Spans] tbody', 'chat with content');
    expect(await axeViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
  });
});
