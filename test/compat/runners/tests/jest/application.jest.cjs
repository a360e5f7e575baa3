const { EXPECTED, useEveryEntry } = require('../apps/every-entry.cjs');

test('each component makes a record', async () => {
  const records = await useEveryEntry({
    testing: require('@langchain/core/utils/testing'),
    sdk: require('@opentelemetry/sdk-trace-node'),
    root: require('opentelemetry-exporter-trubrics'),
    langchain: require('opentelemetry-exporter-trubrics/langchain'),
    node: require('opentelemetry-exporter-trubrics/node'),
    server: require('opentelemetry-exporter-trubrics/server'),
    standalone: require('opentelemetry-exporter-trubrics/standalone'),
  });
  expect(records).toEqual(EXPECTED);
});
