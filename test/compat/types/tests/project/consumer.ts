// What applications write, with options that may be undefined, against the declarations of every entry.
import {
  TRUBRICS_CLOUD,
  TrubricsClient,
  TrubricsLogRecordProcessor,
  TrubricsSpanExporter,
  TrubricsSpanProcessor,
  fromTrubricsSdk,
  readLlmCall,
  redactPersonalData,
  toPromptRecords,
  trubricsIngestion,
  trubricsPlatform,
  withTrubrics,
  type PromptRecord,
  type TrubricsOptions,
} from 'opentelemetry-exporter-trubrics';
import { TrubricsCallbackHandler, instrumentLangChain } from 'opentelemetry-exporter-trubrics/langchain';
import { fileSpool, jsonlFile } from 'opentelemetry-exporter-trubrics/node';
import { createServer, startServer } from 'opentelemetry-exporter-trubrics/server';
import * as standalone from 'opentelemetry-exporter-trubrics/standalone';

declare const maybe: string | undefined;

type OptionalKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];
/** `never` if each optional property accepts undefined under `exactOptionalPropertyTypes`. */
type RefusesUndefined<T> = {
  [K in OptionalKeys<T>]-?: { [P in K]: undefined } extends { [P in K]?: T[K] } ? never : K;
}[OptionalKeys<T>];
function acceptsUndefined<T>(
  _refused: [RefusesUndefined<T>] extends [never] ? true : RefusesUndefined<T>,
): void {}

acceptsUndefined<TrubricsOptions>(true);
acceptsUndefined<NonNullable<ConstructorParameters<typeof TrubricsClient>[0]>>(true);
acceptsUndefined<NonNullable<ConstructorParameters<typeof TrubricsSpanExporter>[0]>>(true);
acceptsUndefined<NonNullable<ConstructorParameters<typeof TrubricsCallbackHandler>[0]>>(true);
acceptsUndefined<NonNullable<Parameters<typeof standalone.trubricsHandler>[0]>>(true);
acceptsUndefined<NonNullable<Parameters<typeof instrumentLangChain>[0]>>(true);
acceptsUndefined<NonNullable<Parameters<typeof trubricsIngestion>[0]>>(true);
acceptsUndefined<NonNullable<Parameters<typeof trubricsPlatform>[0]>>(true);
acceptsUndefined<NonNullable<Parameters<typeof fileSpool>[0]>>(true);
acceptsUndefined<NonNullable<Parameters<typeof jsonlFile>[0]>>(true);
acceptsUndefined<NonNullable<Parameters<typeof createServer>[0]>>(true);
acceptsUndefined<NonNullable<Parameters<typeof startServer>[0]>>(true);
acceptsUndefined<Parameters<typeof withTrubrics>[0]>(true);
acceptsUndefined<Parameters<TrubricsClient['track']>[0]>(true);
acceptsUndefined<Parameters<TrubricsClient['trackPrompt']>[0]>(true);
acceptsUndefined<Parameters<TrubricsClient['trackFeedback']>[0]>(true);
acceptsUndefined<NonNullable<Parameters<typeof toPromptRecords>[1]>>(true);

const host = { host: maybe ?? TRUBRICS_CLOUD };
const processor = new TrubricsSpanProcessor({
  ...host,
  apiKey: maybe,
  defaultUserId: maybe,
  redact: (record) => redactPersonalData(record),
});
new TrubricsLogRecordProcessor(processor);
const records: PromptRecord[] = toPromptRecords([]);
export const used: unknown[] = [
  records,
  readLlmCall,
  fromTrubricsSdk,
  withTrubrics({ userId: maybe, threadId: maybe }, () => 'ran').length,
  processor.stats(),
];
