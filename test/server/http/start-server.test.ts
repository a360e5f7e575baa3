import { expect, test } from 'vitest';
import { startServer } from '../../../src/server/index.js';
import { useServer } from '../../support/use-server.js';

test('a prompt that was posted to a started server can be listed', async () => {
  const server = await useServer();
  const answer = await fetch(`${server.ingestionUrl}/publish_llm_events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
    body: JSON.stringify([{ user_id: 'ada', prompt: 'p', generation: 'g', thread_id: 't' }]),
  });
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok', received: 1 }]);
  const list = await (await fetch(`${server.url}/api/records`)).json();
  expect(list).toMatchObject({
    total: 1,
    before: null,
    records: [{ userId: 'ada', threadId: 't', prompt: 'p' }],
  });
  expect(server.records()).toMatchObject([{ seq: 1, kind: 'prompt', generation: 'g', tags: [] }]);
});

test('a misspelt option is refused by name', async () => {
  const misspelt = { prot: 0 } as unknown as Parameters<typeof startServer>[0];
  await expect(startServer(misspelt)).rejects.toThrow(
    'There is no option "prot"; did you mean "port"? Options are: port, host,',
  );
});
