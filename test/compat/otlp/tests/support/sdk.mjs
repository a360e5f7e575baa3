// The same for SDK 1.x, 2.x and 3.x: spans and log records as their exporters get them.
import { readFileSync } from 'node:fs';
import * as logsSdk from '@opentelemetry/sdk-logs';

/** SDK 3.x has one package, and another name for the provider. */
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
// By the manifest: a folder above may have a package of the other name, which would be found as well.
const traceSdk = await import(
  '@opentelemetry/sdk-trace' in dependencies ? '@opentelemetry/sdk-trace' : '@opentelemetry/sdk-trace-base'
);
export const Provider = traceSdk.BasicTracerProvider ?? traceSdk.TracerProvider;

export const { LoggerProvider } = logsSdk;

/** Returns the spans that `work` makes with tracers, in the order in which they ended. */
export function collectSpans(work) {
  const spans = [];
  const collector = {
    onStart: () => undefined,
    onEnd: (span) => spans.push(span),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const provider = new Provider({ spanProcessors: [collector] });
  // SDK 1.30 takes processors in both ways.
  work((name) => provider.getTracer(name));
  return spans;
}

/** Returns the log records that `work` emits. */
export function collectLogs(work) {
  const records = [];
  const collector = {
    onEmit: (record) => records.push(record),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const provider = new logsSdk.LoggerProvider({ processors: [collector] });
  provider.addLogRecordProcessor?.(collector);
  const logger = provider.getLogger('openai');
  work((record) => logger.emit(record));
  return records;
}

/** Returns a processor of the SDK that passes spans to an exporter. The package `@opentelemetry/sdk-trace` takes options. */
export function exportWith(name, exporter) {
  const Processor = traceSdk[name];
  return '@opentelemetry/sdk-trace' in dependencies ? new Processor({ exporter }) : new Processor(exporter);
}
