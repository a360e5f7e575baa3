import { describe, expect, test } from 'vitest';
import { CHAT, readAttributes, readOutput } from '../../../support/read-call.js';

describe('types that providers add', () => {
  const MESSAGE = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Rome' }] };

  test('items of an unknown type do not turn the other items into text', () => {
    const output = [{ type: 'telepathy', id: 't1' }, { type: 'reasoning', summary: [] }, MESSAGE];
    expect(readOutput({ object: 'response', output }).generation).toBe('Rome');
    expect(readOutput(output).generation).toBe('Rome');
  });

  test('a body with items of an unknown type does not become text', () => {
    const output = [{ type: 'telepathy', id: 't1' }];
    expect(readOutput({ object: 'response', output }).generation).toBe('');
    expect(readOutput({ output }).generation).toBe('');
  });

  test('an answer in a schema of the user stays as it is', () => {
    const answers = [
      { output: ['Rome'] },
      [{ type: 'city', name: 'Rome' }],
      [{ type: 'phone_call', to: 'x' }],
    ];
    for (const answer of answers) expect(readOutput(answer).generation).toBe(JSON.stringify(answer));
  });

  test('items of a provider tool with a name are tool calls', () => {
    const call = { type: 'custom_tool_call', call_id: 'c1', name: 'w', input: 'raw' };
    expect(readOutput({ object: 'response', output: [call] }).generation).toBe('w(raw)');
  });

  test.each([
    [
      [
        { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
        { type: 'web_search_tool_result', tool_use_id: 's', content: [{ type: 'web_search_result' }] },
        { type: 'text', text: 'Rome' },
      ],
    ],
    [
      [
        { type: 'text', text: 'Rome' },
        { type: 'telepathy', id: 'x' },
      ],
    ],
  ])('parts of an unknown type do not turn the other parts into text: %j', (parts) => {
    const attributes = {
      'llm.request.type': 'chat',
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.content': JSON.stringify(parts),
    };
    expect(readAttributes(attributes).generation).toBe('Rome');
  });

  test('items of an unknown type do not turn a conversation into text', () => {
    const input = [
      { role: 'user', content: 'Capital?' },
      { type: 'item_reference', id: 'x' },
    ];
    const messages = [{ role: 'user', parts: [{ type: 'text', content: JSON.stringify(input) }] }];
    const attributes = { ...CHAT, 'gen_ai.input.messages': JSON.stringify(messages) };
    const call = readAttributes(attributes, {
      instrumentationScope: { name: '@traceloop/instrumentation-openai' },
    });
    expect(call.prompt).toBe('Capital?');
  });
});

describe('answers that are no text part', () => {
  test.each([
    ['a refusal of OpenAI chat', { content: null, refusal: 'No.' }],
    ['a refusal of the Responses API', { content: [{ type: 'refusal', refusal: 'No.' }] }],
    ['a refusal in parts of the conventions', { parts: [{ type: 'refusal', content: 'No.' }] }],
    ['spoken words of OpenAI chat', { content: null, audio: { data: 'AAAA', transcript: 'No.' } }],
    ['spoken words of the realtime API', { content: [{ type: 'output_audio', transcript: 'No.' }] }],
    ['spoken words in a part', { content: [{ type: 'audio', audio: { transcript: 'No.' } }] }],
    [
      'a text of the Assistants API',
      { content: [{ type: 'text', text: { value: 'No.', annotations: [] } }] },
    ],
  ])('%s is the answer', (_form, message) => {
    const output = [{ role: 'assistant', ...message }];
    expect(readAttributes({ ...CHAT, 'gen_ai.output.messages': JSON.stringify(output) }).generation).toBe(
      'No.',
    );
    expect(readOutput({ choices: [{ message: output[0] }] }).generation).toBe('No.');
  });

  test('a refusal that LangChain serialises is the answer', () => {
    const kwargs = { content: '', additional_kwargs: { refusal: 'No.' } };
    const message = { lc: 1, type: 'constructor', id: ['langchain_core', 'AIMessage'], kwargs };
    expect(readOutput({ generations: [[{ text: '', message }]] }).generation).toBe('No.');
  });

  test('spoken words are the question, and sound without a transcript stays a mark', () => {
    const asked = (part: object): string =>
      readAttributes({
        ...CHAT,
        'gen_ai.input.messages': JSON.stringify([
          { role: 'user', content: [{ type: 'input_audio', ...part }] },
        ]),
      }).prompt;
    expect(asked({ transcript: 'Why?' })).toBe('Why?');
    expect(asked({ input_audio: { data: 'AAAA', format: 'wav' } })).toBe('[audio]');
  });
});

test.each([
  [{ type: 'image-url', url: 'https://x.test/a.png' }, '[image]'],
  [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }, '[image]'],
  [{ type: 'video_url', video_url: { url: 'https://x.test/a.mp4' } }, '[video]'],
  [{ type: 'input_video', video: 'AAAA' }, '[video]'],
  [{ type: 'audio-url', url: 'https://x.test/a.mp3' }, '[audio]'],
  [{ type: 'document-url', url: 'https://x.test/a.pdf' }, '[document]'],
  [{ type: 'input_file', file_data: 'AAAA' }, '[file]'],
  [{ type: 'binary', media_type: 'image/png', content: 'AAAA' }, '[image]'],
  [{ type: 'blob', mime_type: 'audio/wav', content: 'AAAA' }, '[audio]'],
  [{ type: 'uri', uri: 'https://x.test/a' }, '[media]'],
  [{ type: 'generic', generic_type: 'non_standard' }, '[non_standard]'],
])('a question that is %j alone is %s', (part, prompt) => {
  const input = JSON.stringify([{ role: 'user', content: [part] }]);
  expect(readAttributes({ ...CHAT, 'gen_ai.input.messages': input }).prompt).toBe(prompt);
});
