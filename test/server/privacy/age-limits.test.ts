import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createServer } from '../../../src/server/index.js';
import { eventually } from '../../support/eventually.js';
import { getJson, post, prompt } from '../../support/server-requests.js';
import { useFolder } from '../../support/use-folder.js';
import { useServer } from '../../support/use-server.js';

const DAY = 86_400_000;

function daysAgo(days: number, text: string): object {
  const timestamp = new Date(Date.now() - days * DAY).toISOString();
  const properties = { $event_id: `r${days}`, system_prompt: text, input_tokens: days };
  return prompt({ prompt: text, generation: text, timestamp, thread_id: 't', properties });
}

test('texts that are too old leave the file soon after the start, with every earlier version, and the numbers stay', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const before = await useServer({ file });
  await post(before, [daysAgo(40, 'an old secret'), daysAgo(1, 'a new question')]);
  await post(before, [daysAgo(40, 'an older secret')]);
  await before.close();
  expect(readFileSync(file, 'utf8')).toContain('an old secret');
  const server = await useServer({ file, textRetentionDays: 30 });
  await eventually(() => {
    const content = readFileSync(file, 'utf8');
    expect([content.includes('secret'), content.includes('a new question')]).toEqual([false, true]);
    return Promise.resolve();
  });
  expect(await getJson(server, '/api/stats')).toMatchObject({ prompts: 2, inputTokens: 41 });
  expect(await getJson(server, '/api/records?q=secret')).toMatchObject({ total: 0 });
  // What is delivered again, or arrives late, has no texts from the beginning.
  await post(server, [daysAgo(40, 'an old secret'), daysAgo(35, 'a late secret')]);
  expect(readFileSync(file, 'utf8')).not.toContain('secret');
  expect(await getJson(server, '/api/stats')).toMatchObject({ prompts: 3, inputTokens: 76 });
});

test('records that are too old leave the file soon after the start', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const before = await useServer({ file });
  await post(before, [daysAgo(40, 'an old secret'), daysAgo(1, 'a new question')]);
  await before.close();
  const server = await useServer({ file, retentionDays: 30 });
  await eventually(() => {
    expect(readFileSync(file, 'utf8')).not.toContain('secret');
    return Promise.resolve();
  });
  expect(await getJson(server, '/api/stats')).toMatchObject({ prompts: 1 });
});

test.each([0, -1, 1.5, Number.NaN])('an age of %s days is refused', (days) => {
  expect(() => createServer({ retentionDays: days })).toThrow(/retentionDays.*whole number of days/);
  expect(() => createServer({ textRetentionDays: days })).toThrow(/textRetentionDays.*whole number of days/);
});

test('the property that names organizations stays when texts are erased, also one that the option or the setting names', async () => {
  const server = await useServer({ textRetentionDays: 30, organizationProperty: 'tenant' });
  const timestamp = new Date(Date.now() - 40 * DAY).toISOString();
  const properties = { $event_id: 'old', tenant: 'north', customer: 'acme' };
  const groups = async () =>
    (
      await getJson<{ groups: { name: string | null }[] }>(
        server,
        '/api/measure?measure=prompts&by=organization',
      )
    ).groups.map(({ name }) => name);
  await post(server, [prompt({ timestamp, properties })]);
  expect(await groups()).toEqual(['north']);
  await fetch(`${server.url}/api/documents/setting/organization-property`, {
    method: 'PUT',
    body: JSON.stringify({ property: 'customer' }),
  });
  expect(await groups()).toEqual([null]);
  await post(server, [prompt({ timestamp, properties: { ...properties, $event_id: 'later' } })]);
  expect(await groups()).toEqual(['acme', null]);
});
