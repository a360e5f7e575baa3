import { diag, DiagLogLevel } from '@opentelemetry/api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TrubricsCallbackHandler } from '../../src/langchain/index.js';
import { json, tracing } from './tracing.js';

const failures: string[] = [];
beforeAll(() => {
  const ignore = () => {};
  diag.setLogger(
    {
      error: (message) => void failures.push(message),
      warn: ignore,
      info: ignore,
      debug: ignore,
      verbose: ignore,
    },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
});
afterAll(() => diag.disable());

function setUp() {
  const otel = tracing();
  return { otel, handler: new TrubricsCallbackHandler({ tracerProvider: otel.tracerProvider }) };
}

describe('hostile input', () => {
  test('metadata that JSON refuses is written as far as it goes', () => {
    const { otel, handler } = setUp();
    const cyclic: Record<string, unknown> = { name: 'cycle', big: 7n };
    cyclic['self'] = cyclic;
    const metadata = {
      cyclic,
      get bad() {
        throw new Error('getter');
      },
      bytes: new Uint8Array(3),
      user_id: 'u',
    };

    handler.handleChatModelStart({}, [[]], 'run', undefined, {}, [], metadata);
    handler.handleLLMEnd({ generations: [] }, 'run');

    expect(json(otel.span('chat'), 'trubrics.metadata')).toEqual({
      cyclic: { name: 'cycle', big: '7', self: '[circular]' },
      bytes: '[3 bytes]',
    });
    expect(otel.span('chat').attributes['user.id']).toBe('u');
  });

  test('tool arguments and results that JSON refuses', () => {
    const { otel, handler } = setUp();
    const result: Record<string, unknown> = { count: 1n };
    result['self'] = result;

    handler.handleToolStart({ name: 'count' }, undefined, 'run');
    handler.handleToolEnd(result, 'run');

    expect(json(otel.span('execute_tool count'), 'gen_ai.tool.call.result')).toEqual({
      count: '1',
      self: '[circular]',
    });
  });

  test('a message that cannot be read costs its text, not the span', () => {
    const { otel, handler } = setUp();
    const message = {
      getType: () => 'ai',
      get content() {
        throw new Error('getter');
      },
    };

    handler.handleChatModelStart({}, [[message]], 'run');
    handler.handleLLMEnd({ generations: [[{ text: 'a', message }]] }, 'run');

    expect(otel.spans).toHaveLength(1);
    expect(failures.length).toBeGreaterThan(0);
  });

  test('no argument of any kind makes a callback throw, or leaves a span open', () => {
    const anything = fc.anything({
      withBigInt: true,
      withNullPrototype: true,
      withTypedArray: true,
      maxDepth: 3,
    });
    const starts = [
      'handleChatModelStart',
      'handleLLMStart',
      'handleChainStart',
      'handleToolStart',
      'handleRetrieverStart',
    ];
    const ends = [
      'handleLLMEnd',
      'handleLLMError',
      'handleChainEnd',
      'handleChainError',
      'handleToolEnd',
      'handleToolError',
      'handleRetrieverEnd',
      'handleRetrieverError',
    ];

    fc.assert(
      fc.property(
        fc.constantFrom(...starts),
        fc.constantFrom(...ends),
        fc.array(anything, { minLength: 10, maxLength: 10 }),
        (start, end, values) => {
          const { otel, handler } = setUp();
          const methods = handler as unknown as Record<string, (...args: unknown[]) => void>;
          const [first, second, parent, ...rest] = values;

          methods[start]?.(first, second, 'run', parent, ...rest);
          methods['handleLLMNewToken']?.(first, second, 'run', parent, ...rest);
          methods['handleChatModelStreamEvent']?.(first, 'run');
          methods['handleAgentAction']?.(first, 'run');
          methods[end]?.(second, 'run', parent, ...rest);

          expect(otel.spans.length).toBe(1);
        },
      ),
      { numRuns: 300 },
    );
  });
});
