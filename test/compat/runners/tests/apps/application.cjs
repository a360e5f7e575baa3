// As CommonJS: node application.cjs
const { useEveryEntry } = require('./every-entry.cjs');

const modules = {
  testing: require('@langchain/core/utils/testing'),
  sdk: require('@opentelemetry/sdk-trace-node'),
  root: require('opentelemetry-exporter-trubrics'),
  langchain: require('opentelemetry-exporter-trubrics/langchain'),
  node: require('opentelemetry-exporter-trubrics/node'),
  server: require('opentelemetry-exporter-trubrics/server'),
  standalone: require('opentelemetry-exporter-trubrics/standalone'),
};

void useEveryEntry(modules).then((records) => console.log(JSON.stringify(records)));
