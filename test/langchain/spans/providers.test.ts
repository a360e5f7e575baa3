import { describe, expect, test } from 'vitest';
import { replay } from '../../support/replay-callbacks.js';
import { json } from '../../support/tracing.js';

const ANY_NUMBER: unknown = expect.any(Number);

/** Values in the recorded responses: see the README of the recordings. */
interface Truth {
  readonly provider: string;
  readonly asked: string;
  readonly answered?: string;
  readonly id?: string;
  readonly finish: string;
  readonly usage: readonly [input: number, output: number, total: number];
  readonly cacheRead?: number;
  readonly cacheCreation?: number;
  readonly reasoning?: number;
  readonly parts?: unknown;
  readonly parameters?: Record<string, unknown>;
  readonly stream?: boolean;
  /** Default: hi */
  readonly question?: string;
}

const SETTINGS = {
  'gen_ai.request.temperature': 0.3,
  'gen_ai.request.max_tokens': 50,
  'gen_ai.request.top_p': 0.9,
};
const TOP_K = { 'gen_ai.request.top_k': 5 };
const STOP = { 'gen_ai.request.stop_sequences': ['END'] };
const HELLO = [{ type: 'text', content: 'Hello' }];

const openai: Truth = {
  provider: 'openai',
  asked: 'gpt-4o-mini',
  answered: 'gpt-4o-mini-2024-07-18',
  id: 'chatcmpl-1',
  finish: 'stop',
  usage: [10, 5, 15],
  cacheRead: 4,
  reasoning: 2,
  parts: HELLO,
  parameters: { ...SETTINGS, ...STOP },
};
const responses: Truth = {
  provider: 'openai',
  asked: 'gpt-5',
  answered: 'gpt-5-2025-08-07',
  id: 'resp_1',
  finish: 'stop',
  usage: [10, 5, 15],
  cacheRead: 4,
  reasoning: 2,
  parts: [{ type: 'reasoning', content: 'thinking' }, ...HELLO],
  parameters: { 'gen_ai.request.max_tokens': 50 },
};
const anthropic: Truth = {
  provider: 'anthropic',
  asked: 'claude-sonnet-4-5',
  answered: 'claude-sonnet-4-5-20250929',
  id: 'msg_1',
  finish: 'stop',
  usage: [17, 5, 22],
  cacheRead: 4,
  cacheCreation: 3,
  parts: HELLO,
  parameters: {
    'gen_ai.request.temperature': 0.3,
    'gen_ai.request.max_tokens': 50,
    ...TOP_K,
    ...STOP,
  },
};
// LangChain counts 2 tokens in the total alone. It does not say that they are thoughts: they might be the results of Google's own tools.
const google: Truth = {
  provider: 'gcp.gemini',
  asked: 'gemini-2.5-flash',
  finish: 'stop',
  usage: [10, 5, 17],
  cacheRead: 4,
  parts: HELLO,
  parameters: { ...SETTINGS, ...TOP_K },
};
const ollama: Truth = {
  provider: 'ollama',
  asked: 'llama3.2',
  answered: 'llama3.2',
  finish: 'stop',
  usage: [10, 5, 15],
  parts: HELLO,
  parameters: { ...SETTINGS, ...TOP_K },
};
const mistral: Truth = {
  provider: 'mistral_ai',
  asked: 'mistral-large-latest',
  answered: 'mistral-large-2411',
  finish: 'stop',
  usage: [10, 5, 15],
  parts: HELLO,
  parameters: SETTINGS,
};
const bedrock: Truth = {
  provider: 'aws.bedrock',
  asked: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  finish: 'stop',
  usage: [15, 5, 20],
  cacheRead: 4,
  cacheCreation: 1,
  parts: HELLO,
  parameters: SETTINGS,
};

function search(id: unknown) {
  return { type: 'tool_call', id, name: 'search', arguments: { q: 'x' } };
}
function calls(truth: Truth, id: unknown, ...before: unknown[]): Truth {
  return { ...truth, finish: 'tool_call', parts: [...before, search(id)] };
}

const CASES: Record<string, Truth> = {
  'openai-chat-invoke': { ...openai, parts: [{ type: 'text', content: 'Hello0' }] },
  'openai-chat-stream': { ...openai, stream: true },
  'openai-chat-streaming-invoke': { ...openai, parameters: {}, stream: true },
  'openai-chat-tools': calls(openai, 'call_1'),
  'openai-responses-invoke': responses,
  'openai-responses-stream': { ...responses, stream: true },
  'openai-responses-tools': responses,
  'anthropic-invoke': anthropic,
  'anthropic-stream': { ...anthropic, stream: true },
  'anthropic-tools': calls(anthropic, 'toolu_1', { type: 'text', content: 'let me' }),
  'google-genai-invoke': google,
  'google-genai-stream': { ...google, stream: true },
  'google-genai-tools': calls(google, expect.any(String)),
  'ollama-invoke': ollama,
  'ollama-stream': { ...ollama, stream: true },
  'ollama-tools': calls(ollama, expect.any(String)),
  'mistral-invoke': mistral,
  'mistral-stream': { ...mistral, stream: true },
  'mistral-tools': calls(mistral, 'abcdefghi'),
  'bedrock-invoke': bedrock,
  'bedrock-tools': calls(bedrock, 'tu_1'),
  'bedrock-stream': { ...bedrock, parameters: {}, stream: true },
  'bedrock-tools-stream': {
    ...calls(bedrock, 'tu_1', { type: 'text', content: 'let me' }),
    parameters: {},
    stream: true,
    question: 'use tool',
  },
};

const thoughts = { usage: [10, 7, 17], reasoning: 2 } as const;
const tokens = { usage: [100, 30, 130], cacheRead: 40, reasoning: 12 } as const;
const text = (content: string) => ({ type: 'text', content });
const thought = (content: string) => ({ type: 'reasoning', content });

/** Recordings of more packages and of those for core 0.3: see the second table of that README. */
const MORE: Record<string, Truth> = {
  'openai-responses-tools-stream': {
    ...responses,
    ...tokens,
    finish: 'tool_call',
    parts: [thought('thinking'), search('call_1')],
    question: 'use tool',
    stream: true,
  },
  'openai-responses-refusal': {
    ...responses,
    ...tokens,
    parts: [thought('thinking'), text('I cannot')],
    question: 'refuse',
  },
  // The message has an id too; that of a stream is generated by LangChain.
  'openai-responses-0.6-stream': { ...responses, ...tokens, stream: true },
  'openai-chat-audio': {
    ...openai,
    ...tokens,
    asked: 'gpt-4o-audio',
    answered: 'gpt-4o-audio-2024-07-18',
    id: 'chatcmpl-abc',
    parts: [text('spoken hello')],
    parameters: {},
    question: 'audio',
  },
  'anthropic-server-tool-stream': {
    ...anthropic,
    parts: [
      text('I search. '),
      {
        type: 'server_tool_call',
        id: 'srv_1',
        name: 'web_search',
        server_tool_call: { type: 'web_search' },
      },
      { type: 'generic', generic_type: 'web_search_tool_result' },
      text('Found'),
    ],
    parameters: { 'gen_ai.request.max_tokens': 50 },
    question: 'websearch',
    stream: true,
  },
  // Cached tokens are separate from the input, and the last chunk of a stream repeats them; top_k -1 means none.
  'anthropic-0.3-invoke': anthropic,
  'anthropic-0.3-stream': {
    ...anthropic,
    parameters: { 'gen_ai.request.max_tokens': 50 },
    question: 'fulldelta',
    stream: true,
  },
  'groq-tools': {
    ...tokens,
    provider: 'groq',
    asked: 'llama-3.3-70b',
    answered: 'llama-3.3-70b-2411',
    id: 'cmpl-9',
    finish: 'tool_call',
    parts: [search('call12345')],
    parameters: { 'gen_ai.request.temperature': 0.7 },
    question: 'use tool',
  },
  'deepseek-stream': {
    ...tokens,
    provider: 'deepseek',
    asked: 'deepseek-reasoner',
    answered: 'deepseek-reasoner-2411',
    id: 'cmpl-9',
    finish: 'stop',
    parts: [thought('hm ok'), ...HELLO],
    parameters: {},
    question: 'think',
    stream: true,
  },
  'google-thoughts': {
    ...google,
    ...thoughts,
    answered: 'gemini-2.5-flash-001',
    id: 'resp-g1',
    parts: [thought('hm ok'), ...HELLO],
    parameters: {},
    question: 'think',
  },
  // The package reports a complete answer as one chunk.
  'google-vertexai-invoke': {
    ...google,
    ...thoughts,
    provider: 'gcp.vertex_ai',
    parameters: { ...SETTINGS, ...TOP_K, ...STOP, 'gen_ai.request.seed': 4 },
  },
  // Only the constructor reports the parameters.
  'google-genai-0.2-invoke': {
    provider: 'gcp.gemini',
    asked: 'gemini-2.5-flash',
    finish: 'stop',
    usage: [10, 5, 17],
    parts: HELLO,
    parameters: { ...SETTINGS, ...TOP_K, ...STOP },
  },
  'mistral-thinking': {
    ...mistral,
    answered: 'mistral-large-latest-2411',
    usage: [100, 30, 130],
    parts: [thought('hm ok'), ...HELLO],
    parameters: { 'gen_ai.request.temperature': 0.7, 'gen_ai.request.top_p': 1 },
    question: 'think',
  },
};

describe('recorded calls of providers', () => {
  test.each(Object.entries({ ...CASES, ...MORE }))(
    'the recorded call %s gives the expected span',
    async (name, truth) => {
      const [span, ...others] = await replay(name);
      if (!span) throw new Error('no span');
      const { attributes } = span;

      expect(others).toEqual([]);
      expect(span.name).toBe(`chat ${truth.asked}`);
      expect(attributes['gen_ai.provider.name']).toBe(truth.provider);
      expect(attributes['gen_ai.request.model']).toBe(truth.asked);
      expect(attributes['gen_ai.response.model']).toBe(truth.answered);
      expect(attributes['gen_ai.response.id']).toBe(truth.id);
      expect(attributes['gen_ai.response.finish_reasons']).toEqual([truth.finish]);
      expect([
        attributes['gen_ai.usage.input_tokens'],
        attributes['gen_ai.usage.output_tokens'],
        attributes['gen_ai.usage.total_tokens'],
      ]).toEqual(truth.usage);
      expect(attributes['gen_ai.usage.cache_read.input_tokens']).toBe(truth.cacheRead);
      expect(attributes['gen_ai.usage.cache_creation.input_tokens']).toBe(truth.cacheCreation);
      expect(attributes['gen_ai.usage.reasoning.output_tokens']).toBe(truth.reasoning);
      expect(requestParameters(attributes)).toEqual(truth.parameters);
      expect(attributes['gen_ai.request.stream']).toBe(truth.stream);
      expect(attributes['gen_ai.response.time_to_first_chunk']).toEqual(truth.stream && ANY_NUMBER);
      expect(json(span, 'gen_ai.input.messages')).toEqual([
        { role: 'user', parts: [{ type: 'text', content: truth.question ?? 'hi' }] },
      ]);
      expect(JSON.stringify(attributes)).not.toMatch(/fake-|QUJDREVGRw/);
      expect(json(span, 'gen_ai.output.messages')).toEqual([
        { role: 'assistant', parts: truth.parts, finish_reason: truth.finish },
      ]);
      expect(attributes).not.toHaveProperty('trubrics.usage.estimated');
      expect(attributes).not.toHaveProperty('trubrics.metadata');
    },
  );

  test('two choices of one call are recorded with the usage counted once', async () => {
    const [span] = await replay('openai-chat-n2');

    expect(span?.attributes).toMatchObject({
      'gen_ai.request.choice.count': 2,
      'gen_ai.response.finish_reasons': ['stop', 'stop'],
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.output_tokens': 5,
    });
    const texts = span && (json(span, 'gen_ai.output.messages') as { parts: { content: string }[] }[]);
    expect(texts?.map(({ parts }) => parts[0]?.content)).toEqual(['Hello0', 'Hello1']);
  });

  test('two prompts give two spans, with the usage of the request on the first', async () => {
    const spans = await replay('openai-llm-2prompts');

    expect(spans.map(({ name }) => name)).toEqual(Array(2).fill('text_completion gpt-3.5-turbo-instruct'));
    expect(spans.map(({ attributes }) => attributes['gen_ai.usage.total_tokens'])).toEqual([7, undefined]);
    expect(spans.map(({ attributes }) => attributes['gen_ai.response.finish_reasons'])).toEqual([
      ['stop'],
      ['stop'],
    ]);
  });

  test('model and parser of structured output are children of the chain', async () => {
    const spans = await replay('openai-chat-structured');
    const chain = spans.find(({ parentSpanContext }) => !parentSpanContext);

    expect(spans).toHaveLength(3);
    expect(chain?.name).toBe('invoke_workflow RunnableSequence');
    for (const span of spans.filter((span) => span !== chain)) {
      expect(span.parentSpanContext?.spanId).toBe(chain?.spanContext().spanId);
    }
  });

  test('a credential of the recorded request is not on the span', async () => {
    const [span] = await replay('openai-chat-tools', { content: 'none' });

    expect(JSON.stringify(span?.attributes)).not.toMatch(/API_KEY|secret|"hi"/);
  });
});

function requestParameters(attributes: Record<string, unknown>): Record<string, unknown> {
  const known = new Set(['gen_ai.request.model', 'gen_ai.request.stream']);
  return Object.fromEntries(
    Object.entries(attributes).filter(([key]) => key.startsWith('gen_ai.request.') && !known.has(key)),
  );
}
