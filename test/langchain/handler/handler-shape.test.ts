import { type BaseCallbackHandler, isBaseCallbackHandler } from '@langchain/core/callbacks/base';
import { CallbackManager, type Callbacks } from '@langchain/core/callbacks/manager';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { describe, expect, test } from 'vitest';
import { TrubricsCallbackHandler } from '../../../src/langchain/index.js';
import { useDiag } from '../../support/use-diag.js';

describe('shape of the handler', () => {
  test('the handler has the type of a LangChain handler without its class', () => {
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

  test('the handler does not ask LangChain to stream', () => {
    const handler = new TrubricsCallbackHandler();

    expect(handler).not.toHaveProperty('lc_prefer_streaming');
    expect(handler).not.toHaveProperty('lc_prefer_chat_model_stream_events');
  });

  test('a failure inside a callback is logged without its message and does not reach LangChain', () => {
    const lines = useDiag();
    const tracerProvider = {
      getTracer() {
        throw new RangeError('a secret');
      },
    };

    new TrubricsCallbackHandler({ tracerProvider }).handleChainStart({}, {}, 'run-1');

    const errors = lines.filter(({ level }) => level === 'error').map(({ text }) => text);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/opentelemetry-exporter-trubrics.*handleChainStart.*RangeError/);
    expect(JSON.stringify(lines)).not.toContain('a secret');
  });
});
