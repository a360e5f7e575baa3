// The OpenAI instrumentation of OpenTelemetry writes prompts and answers to log records instead of spans. Our log record processor
// passes them to the span processor, which completes the records.
// Run it: node examples/log-records.cjs
const { OpenAIInstrumentation } = require('@opentelemetry/instrumentation-openai');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { LoggerProvider } = require('@opentelemetry/sdk-logs');
const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const {
  TrubricsLogRecordProcessor,
  TrubricsSpanProcessor,
  withTrubrics,
} = require('opentelemetry-exporter-trubrics');

async function main() {
  const { startLaptop } = await import('./support/laptop.mjs');
  const laptop = await startLaptop();

  const spanProcessor = new TrubricsSpanProcessor();
  const tracerProvider = new NodeTracerProvider({ spanProcessors: [spanProcessor] });
  tracerProvider.register();
  const loggerProvider = new LoggerProvider({ processors: [new TrubricsLogRecordProcessor(spanProcessor)] });
  registerInstrumentations({
    tracerProvider,
    loggerProvider,
    instrumentations: [new OpenAIInstrumentation({ captureMessageContent: true })],
  });

  const { OpenAI } = require('openai'); // after the instrumentation is registered
  const completion = await withTrubrics({ userId: 'ada', threadId: 'geography' }, () =>
    new OpenAI().chat.completions.create({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: 'What is the capital of Italy?' }],
    }),
  );
  console.log(completion.choices[0].message.content);

  await tracerProvider.forceFlush();
  await laptop.finish();
}

void main();
