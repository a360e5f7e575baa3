// node dd-trace.cjs datadog|own|standalone
const tracer = require('dd-trace').init({
  url: process.env.BACKEND,
  startupLogs: false,
  remoteConfig: { enabled: false },
});
const { TrubricsSpanProcessor } = require('opentelemetry-exporter-trubrics');
const { askBy } = require('./ask-by.cjs');

const processor = new TrubricsSpanProcessor();
const [, , way] = process.argv;
if (way === 'datadog') {
  const provider = new tracer.TracerProvider();
  provider.addSpanProcessor?.(processor);
  provider.register();
}

askBy(way, processor).then(() => {
  // The agent gets its spans every two seconds, and before the process ends.
  setTimeout(() => process.exit(), 3_000);
});
