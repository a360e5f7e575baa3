import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toPromptRecords } from '../../src/records/to-prompt-records.js';
import { toErrorEvent } from '../../src/records/calls/to-prompt-record.js';
import { makeChatSpan, makeSpan } from '../support/span.js';

const messages = (...list: unknown[]) => JSON.stringify(list);
const user = (text: string) => ({ role: 'user', parts: [{ type: 'text', content: text }] });

describe('toPromptRecords', () => {
  test('an option that is undefined leaves its default', () => {
    const given = {
      maxTextLength: undefined,
      tags: undefined,
      properties: undefined,
      granularity: undefined,
    };
    const span = makeChatSpan();
    expect(toPromptRecords([span], given)).toEqual(toPromptRecords([span]));
  });

  test('toPromptRecords makes one record of one call', () => {
    const span = makeChatSpan({
      spanId: '00f067aa0ba902b7',
      attributes: {
        'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
        'gen_ai.usage.input_tokens': 10,
        'gen_ai.usage.output_tokens': 5,
        'user.id': 'ada',
        'gen_ai.conversation.id': 'thread-1',
        'trubrics.tags': ['langchain'],
        'trubrics.metadata': '{"hello":[1,2],"plan":"pro"}',
      },
    });
    expect(toPromptRecords([span])).toEqual([
      {
        id: '0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7',
        userId: 'ada',
        threadId: 'thread-1',
        prompt: 'What is the capital of Italy?',
        generation: 'Rome',
        assistantId: 'gpt-4o-mini-2024-07-18',
        timestamp: '2026-01-02T03:04:06.500Z',
        latency: 1.5,
        tags: ['langchain'],
        properties: {
          provider: 'openai',
          request_model: 'gpt-4o-mini',
          operation: 'chat',
          input_tokens: 10,
          output_tokens: 5,
          total_tokens: 15,
          finish_reason: 'stop',
          dialect: 'gen_ai',
          service_name: 'test-app',
          trace_id: '0af7651916cd43dd8448eb211c80319c',
          span_id: '00f067aa0ba902b7',
          hello: [1, 2],
          plan: 'pro',
        },
      },
    ]);
  });

  test('the prompt is the last user message and no tool result', () => {
    const input = messages(
      { role: 'system', parts: [{ type: 'text', content: 'Be terse.' }] },
      user('first'),
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'c1', name: 'search', arguments: { q: 'x' } }] },
      { role: 'user', parts: [{ type: 'tool_call_response', id: 'c1', response: 'not the user' }] },
      { role: 'tool', content: 'nor this', tool_call_id: 'c1' },
    );
    expect(
      toPromptRecords([makeChatSpan({ attributes: { 'gen_ai.input.messages': input } })])[0]?.prompt,
    ).toBe('first');
  });

  test('the prompt is the last message if there is no user message, with its text parts joined', () => {
    const input = messages({
      role: 'assistant',
      parts: [
        { type: 'text', content: 'Say' },
        { type: 'text', content: 'hi' },
      ],
    });
    expect(
      toPromptRecords([makeChatSpan({ attributes: { 'gen_ai.input.messages': input } })])[0]?.prompt,
    ).toBe('Say\nhi');
  });

  test('the system prompt never becomes the prompt, also if the user message is empty', () => {
    const system = { role: 'system', parts: [{ type: 'text', content: 'You are a spy.' }] };
    const empty = { role: 'user', parts: [{ type: 'text', content: '' }] };
    for (const input of [messages(system), messages(system, empty)]) {
      const output = messages({ role: 'assistant', parts: [{ type: 'text', content: 'Hm?' }] });
      const span = makeChatSpan({
        attributes: { 'gen_ai.input.messages': input, 'gen_ai.output.messages': output },
      });
      expect(toPromptRecords([span])).toMatchObject([{ prompt: '[system prompt]', generation: 'Hm?' }]);
    }
  });

  test('a system prompt that is written twice is recorded once', () => {
    const span = makeChatSpan({
      attributes: {
        'gen_ai.system_instructions': 'Be terse.',
        'gen_ai.input.messages': messages(
          { role: 'system', parts: [{ type: 'text', content: 'Be terse.' }] },
          { role: 'user', parts: [{ type: 'text', content: 'Q' }] },
        ),
      },
    });
    expect(toPromptRecords([span], { systemPrompt: true })[0]?.properties.system_prompt).toBe('Be terse.');
  });

  test('the generation of an answer of tool calls alone is the calls, one a line', () => {
    const output = messages({
      role: 'assistant',
      parts: [
        { type: 'tool_call', id: 'a', name: 'get_weather', arguments: { city: 'Zürich' } },
        { type: 'tool_call', id: 'b', name: 'now' },
      ],
      finish_reason: 'tool_call',
    });
    const [record] = toPromptRecords([makeChatSpan({ attributes: { 'gen_ai.output.messages': output } })]);
    expect(record?.generation).toBe('get_weather({"city":"Zürich"})\nnow()');
    expect(record?.properties).toMatchObject({
      tool_calls: ['get_weather', 'now'],
      tool_call_count: 2,
      finish_reason: 'tool_call',
    });
  });

  test('the generation is the first of several choices, which are counted', () => {
    const choice = (text: string) => ({
      role: 'assistant',
      parts: [{ type: 'text', content: text }],
      finish_reason: 'stop',
    });
    const output = messages(choice('one'), choice('two'));
    const [record] = toPromptRecords([makeChatSpan({ attributes: { 'gen_ai.output.messages': output } })]);
    expect(record?.generation).toBe('one');
    expect(record?.properties.choice_count).toBe(2);
  });

  test('user and thread come from the nearest span above that has them', () => {
    const root = makeSpan({
      spanId: 'aaaaaaaaaaaaaaaa',
      attributes: { 'user.id': 'root-user', 'session.id': 'root-thread' },
    });
    const middle = makeSpan({
      spanId: 'bbbbbbbbbbbbbbbb',
      parentSpanId: 'aaaaaaaaaaaaaaaa',
      attributes: { 'user.id': 'near' },
    });
    const chat = makeChatSpan({ parentSpanId: 'bbbbbbbbbbbbbbbb' });
    expect(toPromptRecords([chat, middle, root])[0]).toMatchObject({
      userId: 'near',
      threadId: 'root-thread',
    });
  });

  test('a user is anonymous only if unknown, a thread is never invented, and the options win', () => {
    const chat = makeChatSpan();
    expect(toPromptRecords([chat])[0]).toMatchObject({ userId: 'anonymous' });
    expect(toPromptRecords([chat])[0]).not.toHaveProperty('threadId');
    expect(toPromptRecords([chat], { defaultUserId: 'batch-job' })[0]?.userId).toBe('batch-job');
    const known = makeChatSpan({ attributes: { 'user.id': 'ada' } });
    const options = { userId: () => 'by-function', threadId: () => undefined, defaultUserId: 'x' };
    expect(toPromptRecords([known], options)[0]?.userId).toBe('by-function');
    const throwing = {
      userId: () => {
        throw new Error('user code');
      },
    };
    expect(toPromptRecords([known], throwing)[0]?.userId).toBe('ada');
  });

  test('nested LLM spans of one call are one record, the outer completed from the inner', () => {
    const outer = makeChatSpan({ spanId: 'cccccccccccccccc', name: 'outer', answer: 'Rome' });
    const http = makeSpan({ spanId: 'dddddddddddddddd', parentSpanId: 'cccccccccccccccc' });
    const inner = makeChatSpan({
      parentSpanId: 'dddddddddddddddd',
      answer: 'Rome (inner)',
      attributes: { 'gen_ai.usage.input_tokens': 7, 'gen_ai.response.model': 'gpt-4o-mini-2024-07-18' },
    });
    const records = toPromptRecords([inner, http, outer]);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      generation: 'Rome',
      assistantId: 'gpt-4o-mini-2024-07-18',
      properties: { span_id: 'cccccccccccccccc', input_tokens: 7 },
    });
  });

  test('the inner call is the record if the outer one has no content', () => {
    const outer = makeSpan({
      spanId: 'eeeeeeeeeeeeeeee',
      attributes: { 'gen_ai.operation.name': 'chat', 'user.id': 'ada' },
    });
    const inner = makeChatSpan({ spanId: 'ffffffffffffffff', parentSpanId: 'eeeeeeeeeeeeeeee' });
    expect(toPromptRecords([inner, outer])).toMatchObject([
      { userId: 'ada', properties: { span_id: 'ffffffffffffffff' } },
    ]);
  });

  test('calls with a tool or an agent between them are records of their own', () => {
    const outer = makeChatSpan({ spanId: '1111111111111111' });
    const tool = makeSpan({
      spanId: '2222222222222222',
      parentSpanId: '1111111111111111',
      attributes: { 'gen_ai.operation.name': 'execute_tool' },
    });
    const inner = makeChatSpan({ parentSpanId: '2222222222222222' });
    expect(toPromptRecords([inner, tool, outer])).toHaveLength(2);
  });

  test('toPromptRecords omits failed calls unless asked, and calls without content', () => {
    const failed = makeChatSpan({
      status: { code: 2 },
      attributes: { 'error.type': 'TimeoutError', 'gen_ai.output.messages': '' },
    });
    const silent = makeSpan({ attributes: { 'gen_ai.operation.name': 'chat' } });
    expect(toPromptRecords([failed, silent])).toEqual([]);
    const [record] = toPromptRecords([failed, silent], { includeErrors: true });
    expect(record).toMatchObject({ generation: '', properties: { error_type: 'TimeoutError' } });
  });

  test('a long text is cut without cutting a character in two, and marked as truncated', () => {
    const [record] = toPromptRecords([makeChatSpan({ prompt: 'ab😀cd' })], { maxTextLength: 3 });
    expect(record?.prompt).toBe('ab');
    expect(record?.properties.truncated).toBe(true);
  });

  test('the prompt of a question without text names its media', () => {
    const input = messages({
      role: 'user',
      parts: [{ type: 'uri', modality: 'image', uri: 'https://example.com/cat.png' }],
    });
    expect(
      toPromptRecords([makeChatSpan({ attributes: { 'gen_ai.input.messages': input } })])[0]?.prompt,
    ).toBe('[image]');
  });

  test('the system prompt is recorded only with systemPrompt', () => {
    const attributes = { 'gen_ai.system_instructions': '[{"type":"text","content":"Be terse."}]' };
    expect(toPromptRecords([makeChatSpan({ attributes })])[0]?.properties).not.toHaveProperty(
      'system_prompt',
    );
    expect(
      toPromptRecords([makeChatSpan({ attributes })], { systemPrompt: true })[0]?.properties.system_prompt,
    ).toBe('Be terse.');
  });

  test('metadata cannot replace a fact in a record or event, and members that throw are omitted', () => {
    const metadata = JSON.stringify({
      input_tokens: 'many',
      trace_id: 'mine',
      model: 'override',
      plan: 'pro',
    });
    const span = makeChatSpan({
      attributes: { 'gen_ai.usage.input_tokens': 3, 'trubrics.metadata': metadata },
    });
    const properties = {
      team: 'search',
      get broken(): string {
        throw new Error('no');
      },
    };
    const [record] = toPromptRecords([span], { properties });
    expect(record?.properties).toMatchObject({
      input_tokens: 3,
      'metadata.input_tokens': 'many',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      'metadata.trace_id': 'mine',
      model: 'override',
      plan: 'pro',
      team: 'search',
    });
    if (!record) return;
    expect(toErrorEvent(record).properties).toMatchObject({
      model: 'gpt-4o-mini',
      'metadata.model': 'override',
    });
  });

  test('records of any attributes are JSON with a user and a prompt', () => {
    const value = fc.oneof(
      fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }),
      fc.json(),
      fc.string({ unit: 'binary' }),
    );
    const keys = [
      'gen_ai.input.messages',
      'gen_ai.output.messages',
      'user.id',
      'session.id',
      'trubrics.tags',
      'trubrics.metadata',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), value), (attributes) => {
        for (const record of toPromptRecords([makeChatSpan({ attributes })])) {
          expect(record.userId).not.toBe('');
          expect(record.prompt).not.toBe('');
          // An escape that JSON.stringify made of a lone surrogate; the user's own text may spell one out (\\\\ud…).
          expect(JSON.stringify(record)).not.toMatch(/(?<!\\)(?:\\\\)*\\ud[89a-f]/);
          expect(JSON.parse(JSON.stringify(record))).toEqual(record);
        }
      }),
      { numRuns: 500 },
    );
  });
});
