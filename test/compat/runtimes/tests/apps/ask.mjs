// Calls a fake model once through a standalone handler. The file is the same for every runtime.
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { trubricsHandler } from 'opentelemetry-exporter-trubrics/standalone';

/** Asks once and returns the handler's statistics. */
export async function ask(host) {
  const handler = trubricsHandler({ host, userId: 'ada', release: '7' });
  const model = new FakeListChatModel({ responses: ['Rome.'] });
  await model.invoke('Capital of Italy?', { callbacks: [handler], metadata: { thread_id: 'geography' } });
  await handler.flush();
  const { records, destinations } = handler.stats();
  await handler.shutdown();
  return { records, delivered: destinations[0].delivered };
}
