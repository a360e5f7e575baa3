import type { CallbackHandlerMethods } from '@langchain/core/callbacks/base';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { describe, expect, it } from 'vitest';
import {
  TrubricsClient,
  TrubricsLogRecordProcessor,
  TrubricsSpanExporter,
  TrubricsSpanProcessor,
  withTrubrics,
} from '../../src/index.js';
import { TrubricsCallbackHandler } from '../../src/langchain/index.js';

const HOST = { host: 'http://127.0.0.1:1/api/ingestion' };

/** What these tests say is said to the compiler (`npm run check`): the tests themselves only run it. */
describe('what users write compiles, with exactOptionalPropertyTypes too', () => {
  it('classes fit the interfaces of OpenTelemetry and LangChain', () => {
    const processor = new TrubricsSpanProcessor(HOST);
    const fits: [SpanProcessor, SpanExporter, LogRecordProcessor, CallbackHandlerMethods] = [
      processor,
      new TrubricsSpanExporter(HOST),
      new TrubricsLogRecordProcessor(processor),
      new TrubricsCallbackHandler(),
    ];
    expect(fits).toHaveLength(4);
  });

  it('a value that may be undefined is as good as none', () => {
    const maybe = process.env.NO_SUCH_VARIABLE;
    expect(new TrubricsSpanProcessor({ ...HOST, apiKey: maybe, defaultUserId: maybe })).toBeDefined();
    expect(new TrubricsSpanExporter({ ...HOST, apiKey: maybe })).toBeDefined();
    expect(new TrubricsClient({ ...HOST, apiKey: maybe })).toBeDefined();
    expect(new TrubricsCallbackHandler({ userId: maybe, threadId: maybe })).toBeDefined();
    expect(withTrubrics({ userId: maybe, threadId: maybe }, () => 'ran')).toBe('ran');
    new TrubricsSpanProcessor(HOST).track({ event: 'Sign up', userId: maybe });
  });
});
