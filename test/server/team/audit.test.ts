import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { prompt } from '../../support/server-requests.js';
import { sharedStores, useTeam, type TestTeam } from '../../support/use-team.js';

function auditLines(team: TestTeam): readonly Record<string, unknown>[] {
  return team.log.filter(({ event }) => event === 'audit');
}

test('each deletion and export is a line of the log: who, which project, what, and no content', async () => {
  const team = await useTeam();
  await team.ready;
  await team.publish('shop-key', [
    prompt({ properties: { $event_id: 'one' }, prompt: 'private words' }),
    prompt({ user_id: 'grace@example.com' }),
    prompt(),
  ]);
  await (await team.read('/p/shop/api/export', 'shop-reader')).text();
  await (await team.read('/p/shop/api/export?user=ada&format=csv', 'shop-reader')).text();
  await team.read('/p/shop/api/records/one', 'admin', { method: 'DELETE' });
  await team.read('/p/shop/api/records?user=grace%40example.com', 'admin', { method: 'DELETE' });
  await team.read('/p/shop/api/records', 'admin', { method: 'DELETE' });
  const done = auditLines(team).filter(({ outcome }) => outcome === 'done');
  expect(done).toMatchObject([
    { action: 'export', exported: 3, project: 'shop', who: expect.stringMatching(/^token /) },
    { action: 'export', exported: 2, person: expect.any(String) },
    { action: 'delete_record', record: expect.any(String), prompts: 1 },
    { action: 'forget_person', person: expect.any(String), prompts: 1, access: 'token' },
    { action: 'delete_all', prompts: 1, address: '127.0.0.1' },
  ]);
  expect(auditLines(team).filter(({ outcome }) => outcome === 'begun')).toHaveLength(5);
  const text = JSON.stringify(team.log);
  for (const content of ['private words', 'grace@example', 'ada', 'shop-key', 'shop-reader', 'admin'])
    expect(text).not.toContain(content);
});

test('the audit log of a project is the same on every server', async () => {
  const openStore = sharedStores();
  const [first, second] = [await useTeam({ openStore }), await useTeam({ openStore })];
  await Promise.all([first.ready, second.ready]);
  await first.publish('shop-key', [prompt()]);
  await (await first.read('/p/shop/api/export?user=ada')).text();
  const found = await (await second.read('/p/shop/api/audit?user=ada')).json();
  expect(found).toMatchObject({ total: 1, entries: [{ action: 'export', outcome: 'done', exported: 1 }] });
});

test('an export that is broken off is in the audit log as failed', async () => {
  const team = await useTeam();
  await team.ready;
  for (let i = 0; i < 60; i++)
    await team.publish(
      'shop-key',
      Array.from({ length: 100 }, () => prompt({ prompt: 'x'.repeat(10_000) })),
    );
  const response = await team.read('/p/shop/api/export');
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  await eventually(() =>
    expect(auditLines(team).at(-1)).toMatchObject({ action: 'export', outcome: 'failed' }),
  );
});

test('when somebody is forgotten on one server, no other server shows refused requests of before', async () => {
  const openStore = sharedStores();
  const [first, second] = [await useTeam({ openStore }), await useTeam({ openStore })];
  await Promise.all([first.ready, second.ready]);
  await second.publish('shop-key', [prompt({ timestamp: 'private words' })]);
  const rejected = async (): Promise<string> => (await second.read('/p/shop/api/rejections')).text();
  expect(await rejected()).toContain('private words');
  await first.read('/p/shop/api/records?user=ada', 'admin', { method: 'DELETE' });
  expect(await rejected()).not.toContain('private words');
});
