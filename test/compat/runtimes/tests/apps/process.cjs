// The same with require(): node process.cjs HOST
const { FakeListChatModel } = require('@langchain/core/utils/testing');
const { trubricsHandler } = require('opentelemetry-exporter-trubrics/standalone');

async function main(host) {
  const handler = trubricsHandler({ host, userId: 'ada', release: '7' });
  const model = new FakeListChatModel({ responses: ['Rome.'] });
  await model.invoke('Capital of Italy?', { callbacks: [handler], metadata: { thread_id: 'geography' } });
  await handler.flush();
  const { records, destinations } = handler.stats();
  await handler.shutdown();
  console.log(JSON.stringify({ records, delivered: destinations[0].delivered }));
}

void main(process.argv[2]);
