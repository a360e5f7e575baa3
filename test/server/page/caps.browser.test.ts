import { describe, expect, test } from 'vitest';
import { MemoryStore } from '../../../src/server/index.js';
import { axeViolations, chromiumPath, expectText, useBrowser } from '../../support/use-browser.js';
import { post, prompt } from '../../support/server-requests.js';
import { useServer } from '../../support/use-server.js';

const SINCE = '2026-03-01T00:00:00.000Z';

/** Answers as a database does that has more records than it reads. */
class CappedStore extends MemoryStore {
  override async list(...given: Parameters<MemoryStore['list']>) {
    return { ...(await super.list(...given)), total: 100_000, isTotalCapped: true };
  }

  override async users(...given: Parameters<MemoryStore['users']>) {
    return { ...(await super.users(...given)), since: SINCE };
  }

  override async threads(...given: Parameters<MemoryStore['threads']>) {
    return { ...(await super.threads(...given)), rankedSince: SINCE };
  }

  override async statistics(...given: Parameters<MemoryStore['statistics']>) {
    return { ...(await super.statistics(...given)), since: SINCE };
  }
}

describe.skipIf(chromiumPath === undefined)('answers that do not cover everything', () => {
  const openPage = useBrowser();

  test('the page says since when numbers, people and conversations count, and where counting stopped', async () => {
    const capped = await useServer({ store: new CappedStore() });
    await post(capped, [prompt({ timestamp: '2026-03-03T10:00:00Z', thread_id: 'a' })]);
    const { page } = await openPage(`${capped.url}/overview`);
    const line = /Since \d+ \w+.*: there are too many records to sum up all of them/;
    await expectText(page, '.overview .covered', line);
    expect(await axeViolations(page)).toEqual([]);
    await page.goto(`${capped.url}/people`);
    await expectText(page, '.covered', line);
    expect(await axeViolations(page)).toEqual([]);
    await page.goto(`${capped.url}/conversations`);
    await expectText(page, '.list-bar', /since \d+ \w+/);
    await page.goto(`${capped.url}/`);
    await expectText(page, 'body', /more than 100,000 records/);
  });

  test('the page says nothing of that kind where answers are whole', async () => {
    const whole = await useServer();
    await post(whole, [prompt({ timestamp: '2026-03-03T10:00:00Z', thread_id: 'a' })]);
    const { page } = await openPage(`${whole.url}/overview`);
    await expectText(page, '.tiles', /Prompts/);
    expect(await page.locator('.covered').count()).toBe(0);
    await page.goto(`${whole.url}/people`);
    await expectText(page, 'table.people', /Ada|ada|user/i);
    expect(await page.locator('.covered').count()).toBe(0);
  });
});
