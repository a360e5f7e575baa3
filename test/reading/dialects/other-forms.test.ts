import { expect, test } from 'vitest';
import { CHAT, readAttributes, readCall, textMessages } from '../../support/read-call.js';
import { makeSpan } from '../../support/span.js';

const json = (value: unknown) => JSON.stringify(value);
const ASKED = { ...CHAT, 'gen_ai.input.messages': textMessages('user', 'Q') };
const ANSWERED = { ...ASKED, 'gen_ai.output.messages': textMessages('assistant', 'A') };
const OPENINFERENCE = { 'openinference.span.kind': 'LLM', 'llm.model_name': 'm' };
const INPUT = 'llm.input_messages';
const OUTPUT = 'llm.output_messages';

const PREFIXED = [
  { 'message.role': 'system', 'message.content': 'Say "message.role": {"message.content":1}' },
  {
    'message.role': 'user',
    'message.contents': [
      {
        'message_content.type': 'image',
        'message_content.image': { 'image.url': 'data:image/png;base64,AA' },
      },
      { 'message_content.type': 'text', 'message_content.text': 'Q' },
    ],
  },
];
const NESTED = [
  { message: { role: 'system', content: 'Say "message.role": {"message.content":1}' } },
  { message: { role: 'user', contents: [{ message_content: { type: 'text', text: 'Q' } }] } },
];
const PLAIN = [
  { role: 'system', content: 'Say "message.role": {"message.content":1}' },
  { role: 'user', content: 'Q' },
];
const CALL = {
  'tool_call.function.name': 'f',
  'tool_call.function.arguments': '{"x":1}',
  'tool_call.id': 'c',
};
const NESTED_CALL = { tool_call: { id: 'c', function: { name: 'f', arguments: '{"x":1}' } } };
const PLAIN_CALL = { id: 'c', type: 'function', function: { name: 'f', arguments: '{"x":1}' } };

test.each([
  ['with the prefixes of flattened ones', PREFIXED, CALL],
  ['nested', NESTED, NESTED_CALL],
  ['of OpenAI', PLAIN, PLAIN_CALL],
])('messages of OpenInference in one attribute are read: messages %s', (_name, input, call) => {
  const answer = [
    { 'message.role': 'assistant', 'message.content': 'A', 'message.tool_calls': [call] },
    { message: { role: 'assistant', content: 'A', tool_calls: [call] } },
    { role: 'assistant', content: 'A', tool_calls: [call] },
  ][[PREFIXED, NESTED, PLAIN].indexOf(input)];
  for (const dialect of [OPENINFERENCE, { 'llm.model_name': 'm' }])
    for (const write of [json, (value: unknown) => value]) {
      const read = readAttributes({ ...dialect, [INPUT]: write(input), [OUTPUT]: write([answer]) });
      expect(read.prompt).toBe('Q');
      expect(read.inputMessages[0]?.parts).toEqual([{ type: 'text', text: PLAIN[0]?.content }]);
      expect(read.outputMessages[0]?.parts).toEqual([
        { type: 'text', text: 'A' },
        { type: 'tool_call', id: 'c', name: 'f', arguments: { x: 1 } },
      ]);
      expect(json(read)).not.toContain('base64');
    }
});

test('messages of OpenInference without "message" in the names of their attributes are read', () => {
  const call = readAttributes({
    ...OPENINFERENCE,
    [`${INPUT}.0.role`]: 'user',
    [`${INPUT}.0.content`]: 'Q',
    [`${OUTPUT}.0.role`]: 'assistant',
    [`${OUTPUT}.0.content`]: 'A',
  });
  expect([call.prompt, call.generation]).toEqual(['Q', 'A']);
});

const OWN_JSON = [
  { type: 'binary', verdict: 'yes' },
  { type: 'document', title: 'T' },
  { type: 'image', label: 'cat' },
  { type: 'text', value: 'x' },
  { type: 'audio' },
  [{ type: 'video', seconds: 3 }],
];

test.each(OWN_JSON.map((answer) => [json(answer)]))(
  'an answer in a schema with the type of a part stays text: %s',
  (answer) => {
    const spans = [
      { ...ASKED, 'gen_ai.output.messages': answer },
      { ...ASKED, 'gen_ai.completion': answer },
      { ...ASKED, 'gen_ai.output.messages': textMessages('assistant', answer) },
      {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.input': 'Q',
        'langfuse.observation.output': answer,
      },
      { ...OPENINFERENCE, 'input.value': 'Q', 'output.value': answer },
      { 'mlflow.spanType': 'LLM', 'mlflow.spanInputs': 'Q', 'mlflow.spanOutputs': answer },
    ];
    expect(spans.map((attributes) => readAttributes(attributes).generation)).toEqual(spans.map(() => answer));
  },
);

test.each([
  [{ type: 'image', url: 'https://x.example/a.png' }],
  [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }],
  [{ type: 'blob', modality: 'image', mime_type: 'image/png', content: 'AAAA' }],
  [{ type: 'file', mediaType: 'image/png', data: 'AAAA' }],
  [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }],
])('an answer that is media is no text: %j', (part) => {
  const { generation, outputMessages } = readAttributes({ ...ASKED, 'gen_ai.output.messages': json([part]) });
  expect(generation).toBe('');
  expect(outputMessages[0]?.parts).toMatchObject([{ type: 'media' }]);
});

test.each([
  ["['stop']", ['stop']],
  ["('max_tokens',)", ['length']],
  ["['stop', 'tool_calls']", ['stop', 'tool_call']],
  ['["stop"]', ['stop']],
  ['["sto', []],
])('finish reasons in the notation of Python or of JSON are read: %s', (written, reasons) => {
  expect(readAttributes({ ...ANSWERED, 'gen_ai.response.finish_reasons': written }).finishReasons).toEqual(
    reasons,
  );
});

test('a stop reason is a finish reason', () => {
  const attributes = { ...ANSWERED, 'gen_ai.response.stop_reason': 'max_tokens' };
  expect(readAttributes(attributes).finishReasons).toEqual(['length']);
});

test.each([
  ['seconds', 0.25],
  ['milliseconds', 250],
  ['nanoseconds', 250_000_000],
])('the time to the first token is in seconds, also if it was written in %s', (_unit, time) => {
  const attributes = { ...ANSWERED, 'gen_ai.response.time_to_first_token': time };
  const span = { ...makeSpan({ attributes }), startTime: [100, 0], endTime: [101, 0] } as const;
  expect(readCall(span)).toMatchObject({ timeToFirstToken: 0.25, streaming: true });
});

test('the time to the first token of LiveKit for Python is read', () => {
  const attributes = { ...ANSWERED, 'lk.response.ttft': 0.25 };
  const span = { ...makeSpan({ attributes }), startTime: [100, 0], endTime: [101, 0] } as const;
  expect(readCall(span).timeToFirstToken).toBe(0.25);
});

test.each([
  ['OpenAI Responses', { model: 'm', instructions: 'S', input: 'Q' }],
  ['Anthropic', { model: 'm', system: 'S', messages: [{ role: 'user', content: 'Q' }] }],
  [
    'Gemini',
    { contents: [{ role: 'user', parts: [{ text: 'Q' }] }], systemInstruction: { parts: [{ text: 'S' }] } },
  ],
])('the system prompt of a request body of %s is read wherever the body stands', (_api, body) => {
  for (const name of ['gen_ai.input.messages', 'gen_ai.prompt', 'input.value']) {
    const call = readAttributes({ ...CHAT, [name]: json(body), 'gen_ai.completion': 'A' });
    expect(call.prompt).toBe('Q');
    expect(call.systemInstructions).toEqual([{ type: 'text', text: 'S' }]);
  }
});

test.each<[string, unknown, unknown]>([
  [
    'AutoGen',
    {
      messages: [
        { content: 'S', type: 'SystemMessage' },
        { content: 'Q', source: 'user', type: 'UserMessage' },
      ],
    },
    { finish_reason: 'stop', content: 'A', usage: { prompt_tokens: 1, completion_tokens: 2 }, cached: false },
  ],
  [
    'BeeAI',
    { messages: [{ role: 'user', content: [{ type: 'text', text: 'Q' }] }] },
    { messages: [{ role: 'assistant', content: [{ type: 'text', text: 'A' }] }] },
  ],
  [
    'LlamaIndex',
    { messages: [{ role: 'user', blocks: [{ block_type: 'text', text: 'Q' }], additional_kwargs: {} }] },
    { message: { role: 'assistant', blocks: [{ block_type: 'text', text: 'A' }] } },
  ],
])('bodies of %s are read', (_library, request, response) => {
  const call = readAttributes({
    ...OPENINFERENCE,
    'input.value': json(request),
    'output.value': json(response),
  });
  expect([call.prompt, call.generation]).toEqual(['Q', 'A']);
});

test('a dialogue that a model wrote as JSON stays its answer', () => {
  const dialogue = json({
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Yo' },
    ],
  });
  expect(readAttributes({ ...OPENINFERENCE, 'input.value': 'Q', 'output.value': dialogue }).generation).toBe(
    dialogue,
  );
});
