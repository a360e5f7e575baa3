const { getNodeAutoInstrumentations } = require('@opentelemetry/auto-instrumentations-node');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { BatchSpanProcessor } = require('@opentelemetry/sdk-trace');
const { TrubricsLogRecordProcessor, TrubricsSpanProcessor } = require('opentelemetry-exporter-trubrics');

const processor = new TrubricsSpanProcessor();
const sdk = new NodeSDK({
  instrumentations: [getNodeAutoInstrumentations()],
  spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() }), processor],
  // The instrumentation of OpenAI writes messages to log records.
  logRecordProcessors: [new TrubricsLogRecordProcessor(processor)],
});
sdk.start();

const { ask } = require('./ask.cjs');
void ask().then(() => sdk.shutdown());
