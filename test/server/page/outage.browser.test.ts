import { describe, expect, test, vi } from 'vitest';
import { MemoryStore } from '../../../src/server/index.js';
import { post, prompt } from '../../support/server-requests.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { useServer } from '../../support/use-server.js';

describe.skipIf(chromiumPath === undefined)('the page of a server whose store fails', () => {
  const openPage = useBrowser();

  test('a banner says that records cannot be stored and why, until they can again', async () => {
    const store = new MemoryStore();
    const server = await useServer({ store });
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    const failing = vi.spyOn(store, 'put').mockRejectedValue(full);
    expect((await post(server, [prompt()])).status).toBe(503);
    const { page } = await openPage(`${server.url}/`);
    await expectText(page, '.banner', /Records cannot be stored since .*: the disk is full \(ENOSPC\)/);
    expect(await axeViolations(page)).toEqual([]);
    failing.mockRestore();
    expect((await post(server, [prompt()])).status).toBe(200);
    await page.locator('.banner').waitFor({ state: 'detached' });
  });
});
