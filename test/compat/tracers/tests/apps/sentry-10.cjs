const Sentry = require('@sentry/node');
const { TrubricsSpanProcessor } = require('opentelemetry-exporter-trubrics');

const { host } = new URL(process.env.BACKEND);
const processor = new TrubricsSpanProcessor();
Sentry.init({
  dsn: `http://key@${host}/1`,
  tracesSampleRate: 1,
  sendDefaultPii: true,
  openTelemetrySpanProcessors: [processor],
});

const { ask } = require('./ask.cjs');
/** `flush`, `close`: that of Sentry has to deliver. */
const [, , library, end] = process.argv;

async function main() {
  await ask({ libraries: [library] });
  const before = process.hrtime.bigint();
  // Sentry takes unhandled rejections for itself, and the process would end well.
  const result = await Sentry[end](5_000).catch((error) => `rejected: ${error}`);
  const ms = Number(process.hrtime.bigint() - before) / 1e6;
  const [{ delivered, queued, inFlight }] = processor.stats().destinations;
  console.log(JSON.stringify({ result, delivered, queued, inFlight, ms }));
  // Ends by itself: what waits for a slow server is delivered as long as the process lives.
  if (process.env.LIVES_ON) await processor.flush();
  console.log(JSON.stringify({ delivered: processor.stats().destinations[0].delivered }));
  process.exit();
}

void main();
