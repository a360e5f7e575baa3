import { describe, expect, test } from 'vitest';
import { makeScopedSpan, readCall, textMessages } from '../../support/read-call.js';

/*
 * Variants of the shapes that recorded calls have: other libraries, other versions, bodies in place of messages. No capture has them.
 */

const QUESTION = 'Où est la gare ?';
const ANSWER = 'Au centre 🚉';
const json = (value: unknown) => JSON.stringify(value);
const user = (content: string) => ({ role: 'user', parts: [{ type: 'text', content }] });
const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };
const ANSWERED = { ...CHAT, 'gen_ai.output.messages': textMessages('assistant', ANSWER) };

interface Variant {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly scope?: string;
  readonly name?: string;
  readonly finishReason?: string;
}

const VARIANTS: Readonly<Record<string, Variant>> = {
  'Gemini CLI, bodies in place of messages': {
    attributes: {
      'gen_ai.operation.name': 'llm_call',
      'gen_ai.request.model': 'g',
      'gen_ai.input.messages': json({ contents: [{ role: 'user', parts: [{ text: QUESTION }] }] }),
      'gen_ai.output.messages': json({
        candidates: [{ content: { role: 'model', parts: [{ text: ANSWER }] }, finishReason: 'MAX_TOKENS' }],
      }),
    },
    finishReason: 'length',
  },
  'OpenAI, bodies in place of messages': {
    attributes: {
      ...CHAT,
      'gen_ai.input.messages': json({ model: 'm', messages: [{ role: 'user', content: QUESTION }] }),
      'gen_ai.output.messages': json({
        id: 'r-1',
        choices: [{ message: { role: 'assistant', content: ANSWER }, finish_reason: 'stop' }],
      }),
    },
    finishReason: 'stop',
  },
  'Spring AI, texts of a system and a user message': {
    attributes: {
      ...CHAT,
      'gen_ai.prompt': json(['Be brief.', QUESTION]),
      'gen_ai.completion': json([ANSWER]),
    },
  },
  'OpenInference with the content of GenAI 1.26': {
    attributes: {
      'openinference.span.kind': 'LLM',
      'gen_ai.prompt': json({ contents: QUESTION }),
      'gen_ai.completion': json({ text: ANSWER, finish_reason: 'STOP' }),
    },
  },
  'Strands for Python 0.1': {
    name: 'Model invoke',
    attributes: {
      'gen_ai.system': 'strands-agents',
      'agent.name': 'guide',
      'gen_ai.agent.name': 'guide',
      'gen_ai.request.model': 'claude',
      'gen_ai.prompt': json([{ role: 'user', content: [{ text: QUESTION }] }]),
      'gen_ai.completion': json([{ text: ANSWER }]),
      'gen_ai.usage.prompt_tokens': 3,
    },
  },
  'Langfuse for Python 3.3, marked as a span': {
    scope: 'langfuse-sdk',
    attributes: {
      'langfuse.observation.type': 'span',
      'langfuse.observation.model.name': 'm',
      'langfuse.observation.input': json([{ role: 'user', content: QUESTION }]),
      'langfuse.observation.output': json({ role: 'assistant', content: ANSWER }),
      'langfuse.observation.usage_details': json({ input: 3, output: 4 }),
    },
  },
  'Logfire before operation names': {
    attributes: {
      'logfire.msg': "Chat Completion with 'm'",
      request_data: json({ model: 'm', messages: [{ role: 'user', content: QUESTION }] }),
      response_data: json({ message: { role: 'assistant', content: ANSWER } }),
      'gen_ai.request.model': 'm',
    },
  },
  'a finish reason that is a member of an enumeration': {
    attributes: {
      ...ANSWERED,
      'gen_ai.input.messages': json([user(QUESTION)]),
      'gen_ai.response.finish_reasons': ['FinishReason.MAX_TOKENS'],
    },
    finishReason: 'length',
  },
};

describe('variants of known shapes', () => {
  test.each(Object.entries(VARIANTS))(
    '%s is read',
    (_name, { attributes, scope, name = 'span', finishReason }) => {
      const call = readCall(makeScopedSpan({ scope: scope ?? 'test', name, attributes }));
      expect({ prompt: call.prompt, generation: call.generation }).toEqual({
        prompt: QUESTION,
        generation: ANSWER,
      });
      expect(call.finishReasons[0]).toBe(finishReason ?? call.finishReasons[0]);
    },
  );

  test.each([
    ['https://api.groq.com/openai/v1', 'groq'],
    ['http://127.0.0.1:11434', undefined],
    ['https://my-resource.openai.azure.com/', 'azure.ai.openai'],
    ['bedrock-runtime.us-east-1.amazonaws.com', 'aws.bedrock'],
  ])('the provider of the address %s is %s', (provider, expected) => {
    const attributes = {
      ...ANSWERED,
      'gen_ai.input.messages': json([user('q')]),
      'gen_ai.provider.name': provider,
    };
    expect(readCall(makeScopedSpan({ attributes })).provider).toBe(expected);
  });

  test('Langfuse spans of later versions, and spans without a generation, are no calls', () => {
    const attributes = {
      'langfuse.observation.type': 'span',
      'langfuse.observation.model.name': 'm',
      'langfuse.observation.input': '"q"',
    };
    const later = { name: 'langfuse-sdk', version: '3.4.0' };
    expect(() => readCall({ ...makeScopedSpan({ attributes }), instrumentationScope: later })).toThrow(
      'not an LLM',
    );
    const { 'langfuse.observation.model.name': _model, ...plain } = attributes;
    expect(() => readCall(makeScopedSpan({ scope: 'langfuse-sdk', attributes: plain }))).toThrow(
      'not an LLM',
    );
  });
});

/** Texts that frameworks send in the role of the user. */
const FRAMEWORK_TEXTS: Readonly<Record<string, readonly string[]>> = {
  'Google ADK, two parts': ['For context:', '[guide] said: Wait.'],
  'Google ADK, three parts': [
    'For context:',
    '[guide] called tool `find` with parameters: {}',
    '[guide] said: ok',
  ],
  'Google ADK, one text': ['For context: [guide] said: Wait.'],
  'Google ADK, a tool result in one text': ['For context:\n[guide] `find` tool returned result: {}'],
  'Pydantic AI, a failed validator': ['Validation feedback:\nToo long\n\nFix the errors and try again.'],
  'Pydantic AI, validation errors': [
    '1 validation error:\n```json\n[]\n```\n\nFix the errors and try again.',
  ],
  'Pydantic AI, plain text in place of a tool call': [
    'Plain text responses are not permitted, please include your response in a tool call\n\nFix the errors and try again.',
  ],
  'Instructor, JSON mode': [
    'Correct your JSON ONLY RESPONSE, based on the following errors:\n1 error for User',
  ],
  'Instructor, tools': ['Validation Error found:\nbad\nRecall the function correctly, fix the errors'],
  'Claude Code': ['<system-reminder>\nThe user opened a file.\n</system-reminder>'],
};

/** The same messages as each library writes them. */
const WRITERS = {
  'the GenAI conventions': (texts: readonly string[]) => ({
    ...ANSWERED,
    'gen_ai.input.messages': json([
      user(QUESTION),
      { role: 'user', parts: texts.map((content) => ({ type: 'text', content })) },
    ]),
  }),
  OpenInference: (texts: readonly string[]) => ({
    'openinference.span.kind': 'LLM',
    'llm.model_name': 'm',
    'llm.input_messages.0.message.role': 'user',
    'llm.input_messages.0.message.content': QUESTION,
    'llm.input_messages.1.message.role': 'user',
    ...Object.fromEntries(
      texts.map((text, at) => [`llm.input_messages.1.message.contents.${at}.message_content.text`, text]),
    ),
    'llm.output_messages.0.message.role': 'assistant',
    'llm.output_messages.0.message.content': ANSWER,
  }),
  Langfuse: (texts: readonly string[]) => ({
    'langfuse.observation.type': 'generation',
    'langfuse.observation.input': json([
      { role: 'user', content: QUESTION },
      { role: 'user', content: texts.map((text) => ({ type: 'text', text })) },
    ]),
    'langfuse.observation.output': ANSWER,
  }),
  'Google ADK': (texts: readonly string[]) => ({
    'gcp.vertex.agent.llm_request': json({
      model: 'g',
      contents: [
        { role: 'user', parts: [{ text: QUESTION }] },
        { role: 'user', parts: texts.map((text) => ({ text })) },
      ],
    }),
    'gcp.vertex.agent.llm_response': json({ content: { role: 'model', parts: [{ text: ANSWER }] } }),
  }),
};

describe('messages of a framework in the role of the user', () => {
  test.each(
    Object.entries(FRAMEWORK_TEXTS).flatMap(([text, texts]) =>
      Object.entries(WRITERS).map(([writer, write]) => [text, writer, write(texts)] as const),
    ),
  )('%s is not the question in spans of %s', (_text, _writer, attributes) => {
    expect(readCall(makeScopedSpan({ attributes })).prompt).toBe(QUESTION);
  });

  test.each([
    'For context: I live in Rome. Where is the station?',
    'Please fix the errors and try again.',
    'Why do I see <system-reminder> in my chat?',
    'Validation of my ticket failed',
  ])('the question of a user that begins like one is kept: %s', (question) => {
    const attributes = { ...ANSWERED, 'gen_ai.input.messages': json([user('before'), user(question)]) };
    expect(readCall(makeScopedSpan({ attributes })).prompt).toBe(question);
  });

  test('a reminder beside the words of the user leaves them the question', () => {
    const parts = [
      { type: 'text', content: '<system-reminder>x</system-reminder>' },
      { type: 'text', content: QUESTION },
    ];
    const attributes = { ...ANSWERED, 'gen_ai.input.messages': json([{ role: 'user', parts }]) };
    expect(readCall(makeScopedSpan({ attributes })).prompt).toContain(QUESTION);
  });
});
