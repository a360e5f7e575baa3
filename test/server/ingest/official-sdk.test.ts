import { Trubrics } from '@trubrics/trubrics';
import { expect, test, vi } from 'vitest';
import { useServer } from '../../support/use-server.js';

test('the ingestion API understands the official SDK', async () => {
  // The timer of the SDK has no handle, and would keep this process alive.
  vi.useFakeTimers({ toFake: ['setInterval'] });
  const server = await useServer();
  const sdk = new Trubrics({
    apiKey: 'key',
    host: server.ingestionUrl,
    flushInterval: 10,
    flushBatchSize: 20,
  });
  const llm = {
    user_id: 'ada',
    prompt: 'p',
    generation: 'g',
    assistant_id: 'm',
    properties: { plan: 'free' },
  };
  sdk.trackLLM(llm);
  sdk.track({ user_id: 'ada', event: 'Sign up' });
  await sdk.flush();
  vi.useRealTimers();
  expect(server.records()).toMatchObject([
    { kind: 'event', event: 'Sign up', userId: 'ada' },
    { kind: 'prompt', prompt: 'p', generation: 'g', assistantId: 'm', properties: { plan: 'free' } },
  ]);
});
