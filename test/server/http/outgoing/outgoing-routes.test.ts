import { expect, test } from 'vitest';
import type { AlertList, AlertPreview } from '../../../../src/server/insights/alerts/alert-list.js';
import { createServer, MemoryStore } from '../../../../src/server/index.js';
import { eventually } from '../../../support/eventually.js';
import { numbered } from '../../engines/stored.js';
import { getJson } from '../../../support/server-requests.js';
import { useScriptedServer } from '../../../support/use-scripted-server.js';
import { useServer } from '../../../support/use-server.js';

const RULE = { measure: 'requests', window: '1h', above: 1, hold: '0s', by: 'user' };

function putRule(url: string, name: string, value: unknown): Promise<Response> {
  return fetch(`${url}/api/documents/rule/${name}`, { method: 'PUT', body: JSON.stringify(value) });
}

test('a rule is checked when it is stored, previewed, listed with what it measures, and posted to a webhook', async () => {
  const webhook = await useScriptedServer();
  // There before the first evaluation, soon after the start. The next one is a minute later.
  const store = new MemoryStore();
  await store.documents.put({ kind: 'rule', name: 'busy', value: RULE });
  await store.put(
    ['ada', 'ada', 'bob'].map((userId, index) => ({
      ...numbered(index),
      userId,
      timestamp: new Date().toISOString(),
    })),
  );
  const webhooks = [`${webhook.url}/secret`];
  const server = await useServer({ store, webhooks, webhookSecret: 'shared-secret' });
  expect((await putRule(server.url, 'other', { ...RULE, isPaused: true })).status).toBe(201);
  const refused = await putRule(server.url, 'busy', { ...RULE, windw: '1h' });
  expect([refused.status, await refused.json()]).toEqual([422, { detail: 'A rule has no field "windw"' }]);

  const rule = encodeURIComponent(JSON.stringify({ ...RULE, by: undefined }));
  const preview = await getJson<AlertPreview>(server, `/api/alerts/preview?rule=${rule}`);
  expect(preview).toMatchObject({
    text: 'requests above 1 in 1h',
    reading: { groups: [{ group: null, value: 3, isMet: true, isEnough: true }] },
  });
  for (const text of ['', '{', encodeURIComponent('{"measure":"x"}')])
    expect((await fetch(`${server.url}/api/alerts/preview?rule=${text}`)).status).toBe(400);

  await eventually(() => expect(webhook.requests).toHaveLength(1));
  expect(webhook.requests[0]?.headers['webhook-signature']).toMatch(/^v1,/);
  await eventually(async () => {
    const list = await getJson<AlertList>(server, '/api/alerts');
    expect(list).toMatchObject({
      webhooks: [new URL(webhook.url).host],
      rules: [
        {
          name: 'busy',
          problem: null,
          alerting: [{ user: 'ada' }],
          history: [{ changes: [{ user: 'ada', to: 'alerting', value: 2 }], posts: [{ status: 'posted' }] }],
        },
        { name: 'other', isEvaluated: false },
      ],
    });
    expect(JSON.stringify(list)).not.toMatch(/secret/);
  });

  // Who is forgotten leaves states and history.
  await fetch(`${server.url}/api/records?user=ada`, { method: 'DELETE' });
  const after = await getJson<AlertList>(server, '/api/alerts');
  expect(after.rules[0]).toMatchObject({ alerting: [], history: [{ changes: [] }] });
});

test('the API says where texts are sent to be labelled, and does not tell the key', async () => {
  const model = await useScriptedServer();
  const labels = { url: `${model.url}/v1`, model: 'small', apiKey: 'hidden-key' };
  const server = await useServer({ labels });
  const host = new URL(model.url).host;
  const numbers = { labelled: 0, failed: 0, waiting: 0, empty: 0, sent: 0 };
  const expected = { isOn: true, to: host, model: 'small', ...numbers, problem: null };
  expect(await getJson(server, '/api/labels')).toEqual(expected);
  expect(await getJson(await useServer(), '/api/labels')).toEqual({ isOn: false });
});

test('options of webhooks are checked without repeating them', () => {
  expect(() => createServer({ webhooks: ['https://user:hidden@example.com'] })).toThrow(
    'Option "webhooks[0]": A target must not hold a user name or password',
  );
  expect(() => createServer({ webhooks: ['hidden'] })).toThrow(/^(?!.*hidden)/);
  expect(() => createServer({ webhookSecret: 'hidden' })).toThrow('needs webhooks');
  expect(() => createServer({ webhooks: ['https://example.com'], privateTargets: ['10/8'] })).toThrow(
    '"10/8" is no address or range',
  );
});
