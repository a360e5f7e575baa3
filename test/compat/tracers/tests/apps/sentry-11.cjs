// node sentry-11.cjs sentry|own|standalone
const Sentry = require('@sentry/node');
const { TrubricsSpanProcessor } = require('opentelemetry-exporter-trubrics');
const { askBy } = require('./ask-by.cjs');

const { host } = new URL(process.env.BACKEND);
const processor = new TrubricsSpanProcessor();
const [, , way] = process.argv;
Sentry.init({
  dsn: `http://key@${host}/1`,
  tracesSampleRate: 1,
  sendDefaultPii: true,
  enableOpenTelemetrySetup: way === 'sentry',
  openTelemetrySpanProcessors: way === 'sentry' ? [processor] : [],
});

askBy(way, processor, (name, work) => Sentry.startSpan({ name }, work)).then(async () => {
  await Sentry.flush(5_000);
  process.exit();
});
