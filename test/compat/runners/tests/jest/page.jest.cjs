// In jsdom, which has neither `fetch` nor streams. Packages are resolved as for a browser.
const { trubricsHandler } = require('opentelemetry-exporter-trubrics/standalone');
const { TrubricsSpanProcessor } = require('opentelemetry-exporter-trubrics');

test('a handler and a processor count a call', async () => {
  const sent = [];
  const destination = {
    name: 'memory',
    encode: (entry) => JSON.stringify(entry),
    send: async ({ items }) => void sent.push(...items.map((item) => JSON.parse(item).record)),
  };
  const handler = trubricsHandler({ destination, userId: 'ada' });
  const runId = '0190a5f0-0000-7000-8000-000000000001';
  handler.handleLLMStart({ lc: 1, type: 'not_implemented', id: ['FakeLLM'] }, ['Capital of Italy?'], runId);
  handler.handleLLMEnd({ generations: [[{ text: 'Rome.' }]] }, runId);
  await handler.flush();
  expect(sent.map(({ userId, prompt, generation }) => [userId, prompt, generation])).toEqual([
    ['ada', 'Capital of Italy?', 'Rome.'],
  ]);
  await handler.shutdown();

  const processor = new TrubricsSpanProcessor({ destination });
  await processor.shutdown();
});
