import { diag, DiagLogLevel, SpanStatusCode } from '@opentelemetry/api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { json, parentId, statusOf } from '../../support/tracing.js';
import { useHandler } from '../../support/use-handler.js';

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

function throwing(): unknown {
  const fail = () => {
    throw new Error('trap');
  };
  return new Proxy({}, { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail });
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe('hostile input', () => {
  test('the readable parts of metadata that JSON refuses are recorded', () => {
    const { otel, handler } = useHandler();
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

  test('the readable parts of a tool result that JSON refuses are recorded', () => {
    const { otel, handler } = useHandler();
    const result: Record<string, unknown> = { count: 1n };
    result['self'] = result;

    handler.handleToolStart({ name: 'count' }, undefined, 'run');
    handler.handleToolEnd(result, 'run');

    expect(json(otel.span('execute_tool count'), 'gen_ai.tool.call.result')).toEqual({
      count: '1',
      self: '[circular]',
    });
  });

  test('a message that cannot be read does not affect the other messages', () => {
    const { otel, handler } = useHandler();
    const message = {
      getType: () => 'ai',
      get content() {
        throw new Error('getter');
      },
    };

    handler.handleChatModelStart({}, [[{ type: 'human', content: 'question' }, message]], 'run');
    handler.handleLLMEnd({ generations: [[{ text: 'answer', message }]], llmOutput: { model: 'm' } }, 'run');

    const span = otel.span('chat');
    expect(json(span, 'gen_ai.input.messages')).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'question' }] },
      { role: 'user', parts: [{ type: 'generic', generic_type: 'unreadable' }] },
    ]);
    expect(json(span, 'gen_ai.output.messages')).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'answer' }] },
    ]);
    expect(span.attributes['gen_ai.response.model']).toBe('m');
  });

  test.each<[string, () => unknown]>([
    ['a proxy that throws', throwing],
    ['a revoked proxy', revoked],
  ])('%s as any argument of a callback loses neither the run nor its children', (_name, make) => {
    const { otel, handler } = useHandler();
    const starts = handler as unknown as Record<string, (...args: unknown[]) => void>;
    const names = ['ChatModel', 'LLM', 'Chain', 'Tool', 'Retriever'];

    for (const name of names) {
      for (let position = 0; position < 9; position += 1) {
        const id = `${name}-${position}`;
        const args: unknown[] = [{}, [], id, undefined, {}, [], {}, undefined, undefined];
        // LangChain generates the ids of the run and of its parent.
        if (position !== 2 && position !== 3) args[position] = make();
        starts[`handle${name}Start`]?.(...args);
        handler.handleToolStart({ name: 'child' }, '', `child of ${id}`, id);
        handler.handleToolEnd(make(), `child of ${id}`);
        const family = name === 'ChatModel' ? 'LLM' : name;
        if (position % 2 === 0) starts[`handle${family}Error`]?.(make(), id);
        else starts[`handle${family}End`]?.(make(), id);
      }
    }

    expect(otel.spans).toHaveLength(names.length * 9 * 2);
    const parents = new Set(otel.spans.map((span) => span.spanContext().spanId));
    for (const child of otel.spans.filter(({ name }) => name === 'execute_tool child'))
      expect(parents).toContain(parentId(child));
    const failed = otel.spans.filter((span) => statusOf(span) === SpanStatusCode.ERROR);
    expect(failed).toHaveLength(names.length * 5);
    for (const { attributes } of failed) expect(attributes['error.type']).toBe('_OTHER');
  });

  test('names of Object.prototype are treated like other names', () => {
    const { otel, handler } = useHandler();

    for (const name of ['constructor', '__proto__', 'toString']) {
      const message = { type: name, role: name, content: [{ type: name, [name]: 1 }] };
      const metadata = { ls_provider: name };
      handler.handleChatModelStart(
        { id: [name, name, name] },
        [[message]],
        name,
        undefined,
        {},
        [],
        metadata,
      );
      handler.handleLLMEnd({ generations: [[{ text: 'a', generationInfo: { finish_reason: name } }]] }, name);
    }

    expect(otel.spans).toHaveLength(3);
    for (const { attributes } of otel.spans) {
      expect(attributes['gen_ai.provider.name']).toEqual(expect.any(String));
      expect(attributes['gen_ai.input.messages']).not.toContain('function');
      expect(attributes['gen_ai.response.finish_reasons']).toEqual([expect.any(String)]);
    }
  });

  test('the JSON of a live object with very many references is bounded', () => {
    const { otel, handler } = useHandler();
    let graph: Record<string, unknown> = { big: 1n };
    for (let depth = 0; depth < 11; depth += 1) {
      const below = graph;
      graph = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`way ${i}`, below]));
    }

    handler.handleToolStart({ name: 'live' }, '', 'run', undefined, [], { process, graph });
    handler.handleToolEnd(graph, 'run');

    const span = otel.span('execute_tool live');
    expect(String(span.attributes['trubrics.metadata']).length).toBeLessThan(500_000);
    expect(String(span.attributes['gen_ai.tool.call.result']).length).toBeLessThan(500_000);
  });

  test('huge texts and lists are truncated', () => {
    const { otel, handler } = useHandler();
    const huge = 'x y '.repeat(2_000_000);
    const many = Array.from({ length: 20_000 }, (_, i) => `${i}`);

    handler.handleChatModelStart(
      { id: ['', '', huge], kwargs: {} },
      [[{ type: 'human', content: huge, getType: () => 'human' }]],
      'run',
      undefined,
      { invocation_params: { model: huge, stop: many, temperature: 1 } },
      many,
      { user_id: huge, note: huge, ls_provider: huge },
      huge,
    );
    handler.handleLLMNewToken(huge, { completion: 0 }, 'run');
    handler.handleLLMEnd(
      { generations: [[{ text: huge, generationInfo: { model: huge, finish_reason: 'stop' } }]] },
      'run',
    );
    handler.handleToolStart({ name: huge, kwargs: { description: huge } }, huge, 'tool');
    handler.handleToolError(new Error(huge), 'tool');

    expect(otel.spans).toHaveLength(2);
    expect(otel.spans).toHaveLength(2);
    for (const { name, attributes, events, status } of otel.spans) {
      expect(name.length).toBeLessThan(1_000);
      expect(String(status.message).length).toBeLessThan(1_000);
      expect(JSON.stringify(events).length).toBeLessThan(50_000);
      for (const [key, value] of Object.entries(attributes)) {
        const content = /messages|arguments/.test(key);
        expect(JSON.stringify(value).length).toBeLessThan(content ? 1_100_000 : 200_000);
      }
    }
  });

  test('no argument of any kind makes a callback throw or leaves a span open', () => {
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
          const { otel, handler } = useHandler();
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
