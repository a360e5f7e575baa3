import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';

const BASE = '/tools/trubrics';

/** Starts a proxy that answers below the base path alone and rewrites `Host`. It removes the path, or leaves it. */
async function useProxy(port: number, removesPath: boolean): Promise<string> {
  const proxy: Server = createServer((incoming, answer) => {
    const url = incoming.url ?? '';
    if (!url.startsWith(BASE)) {
      answer.writeHead(404).end();
      return;
    }
    const path = removesPath ? url.slice(BASE.length) || '/' : url;
    const headers = { ...incoming.headers, host: `127.0.0.1:${port}` };
    const outgoing = request(
      { host: '127.0.0.1', port, path, method: incoming.method, headers },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      },
    );
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${BASE}`;
}

describe.skipIf(chromiumPath === undefined)('the page behind a proxy', () => {
  const openPage = useBrowser();

  test.each([true, false])(
    'the page works below a base path, whether the proxy removes it: %s',
    async (removesPath) => {
      const server = await useServer({ basePath: BASE, token: 's3cret' });
      const url = await useProxy(server.port, removesPath);
      const { page, problems } = await openPage(`${url}/?token=s3cret`);
      await expectText(page, 'main', `TRUBRICS_HOST=${url}/api/ingestion`);
      await post(server, [prompt({ thread_id: 't1' })], { 'x-api-key': 's3cret' });
      await expectText(page, '.rows .row >> nth=0', 'What is a span?');
      await page.getByRole('link', { name: 'People' }).click();
      expect(new URL(page.url()).pathname).toBe(`${BASE}/people`);
      await page.reload();
      await expectText(page, 'main', 'ada');
      await page.goBack();
      await expectText(page, '.rows .row >> nth=0', 'What is a span?');
      expect(problems).toEqual([]);
    },
  );
});
