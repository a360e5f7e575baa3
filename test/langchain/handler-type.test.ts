import { type BaseCallbackHandler, isBaseCallbackHandler } from '@langchain/core/callbacks/base';
import { CallbackManager, type Callbacks } from '@langchain/core/callbacks/manager';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { describe, expect, test, vi } from 'vitest';
import { TrubricsCallbackHandler, type TrubricsCallbackHandlerOptions } from '../../src/langchain/index.js';

describe('what LangChain sees', () => {
  test('the handler has the type of a LangChain handler, without its class', () => {
    // These lines are the test: they have to compile.
    const handler: BaseCallbackHandler = new TrubricsCallbackHandler();
    const callbacks: Callbacks = [new TrubricsCallbackHandler()];
    new CallbackManager().addHandler(handler);
    expect(new FakeListChatModel({ responses: ['a'], callbacks })).toBeDefined();

    expect(isBaseCallbackHandler(handler)).toBe(true);
    expect(handler.awaitHandlers).toBe(true);
    expect(handler.name).toBe('trubrics');
    expect(handler.copy()).toBe(handler);
    expect(handler.toJSON()).toMatchObject({ lc: 1, type: 'not_implemented' });
  });

  test('it does not ask LangChain to stream', () => {
    const handler = new TrubricsCallbackHandler();

    expect(handler).not.toHaveProperty('lc_prefer_streaming');
    expect(handler).not.toHaveProperty('lc_prefer_chat_model_stream_events');
  });
});

describe('options', () => {
  const wrong: [unknown, RegExp][] = [
    [{ userId: 7 }, /Option "userId" must be a non-empty string, not 7/],
    [{ threadId: '' }, /Option "threadId" must be a non-empty string, not an empty string/],
    [{ tags: 'one' }, /Option "tags" must be an array of strings, not "one"/],
    [{ metadata: [1] }, /Option "metadata" must be an object, not an array/],
    [{ content: 'all' }, /Option "content" must be "span", "trubrics" or "none", not "all"/],
    [{ activate: 'yes' }, /Option "activate" must be true or false, not "yes"/],
    [{ maxOpenRuns: 0 }, /Option "maxOpenRuns" must be a whole number above 0, not 0/],
    [{ maxRunAgeMs: -1 }, /Option "maxRunAgeMs" must be a finite number of milliseconds above 0, not -1/],
    [{ tracerProvider: {} }, /Option "tracerProvider" must be a TracerProvider, not a value of type object/],
    [{ user: 'u' }, /There is no option "user"\. Options are: tracerProvider, userId/],
    [null, /The options must be an object, not null/],
  ];
  test.each(wrong)('%j is refused', (options, message) => {
    const construct = () => new TrubricsCallbackHandler(options as TrubricsCallbackHandlerOptions);

    expect(construct).toThrow(TypeError);
    expect(construct).toThrow(message);
  });

  test('a failure inside is told to the diagnostics, not to LangChain, and without the text of it', () => {
    const error = vi.fn<(message: string, ...rest: unknown[]) => void>();
    const ignore = () => {};
    diag.setLogger(
      { error, warn: ignore, info: ignore, debug: ignore, verbose: ignore },
      { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
    );
    const tracerProvider = {
      getTracer() {
        throw new RangeError('a secret');
      },
    };

    new TrubricsCallbackHandler({ tracerProvider }).handleChainStart({}, {}, 'run-1');

    diag.disable();
    expect(error).toHaveBeenCalledOnce();
    expect(JSON.stringify(error.mock.calls)).toMatch(
      /opentelemetry-exporter-trubrics.*handleChainStart.*RangeError/,
    );
    expect(JSON.stringify(error.mock.calls)).not.toContain('a secret');
  });
});
