import type { CallbackHandlerMethods } from '@langchain/core/callbacks/base';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import {
  TrubricsClient,
  TrubricsLogRecordProcessor,
  TrubricsSpanExporter,
  TrubricsSpanProcessor,
  withTrubrics,
} from '../../src/index.js';
import { TrubricsCallbackHandler } from '../../src/langchain/index.js';

const HOST = { host: 'http://127.0.0.1:1/api/ingestion' };

// The compiler does most of the checking here (`npm run check:types`, with exactOptionalPropertyTypes).

test('the public classes fit the interfaces of OpenTelemetry and LangChain', () => {
  const processor = new TrubricsSpanProcessor(HOST);
  const fits: [SpanProcessor, SpanExporter, LogRecordProcessor, CallbackHandlerMethods] = [
    processor,
    new TrubricsSpanExporter(HOST),
    new TrubricsLogRecordProcessor(processor),
    new TrubricsCallbackHandler(),
  ];
  expect(fits).toHaveLength(4);
});

test('an option that may be undefined compiles and counts as not set', () => {
  const maybe = process.env.NO_SUCH_VARIABLE;
  expect(new TrubricsSpanProcessor({ ...HOST, apiKey: maybe, defaultUserId: maybe })).toBeDefined();
  expect(new TrubricsSpanExporter({ ...HOST, apiKey: maybe })).toBeDefined();
  expect(new TrubricsClient({ ...HOST, apiKey: maybe })).toBeDefined();
  expect(new TrubricsCallbackHandler({ userId: maybe, threadId: maybe })).toBeDefined();
  expect(withTrubrics({ userId: maybe, threadId: maybe }, () => 'ran')).toBe('ran');
  new TrubricsSpanProcessor(HOST).track({ event: 'Sign up', userId: maybe });
});
