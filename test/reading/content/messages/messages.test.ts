import { expect, test } from 'vitest';
import { CHAT, readAttributes } from '../../../support/read-call.js';

const ASKED = JSON.stringify([{ role: 'user', content: 'Why?' }]);
const message = (role: string, content: unknown): object => ({ role, content });

test.each([
  ['a list of JSON texts', [ASKED.slice(1, -1)], ['{"role":"assistant","content":"Because."}']],
  [
    "Python's notation",
    "[{'role': 'system', 'content': None}, {'role': 'user', 'content': 'Why?'}]",
    "[{'role': 'assistant', 'content': 'Because.', 'refusal': None}]",
  ],
  ['members named `message` (Cohere)', '[{"role":"USER","message":"Why?"}]', 'Because.'],
])('messages are read from %s', (_form, input, output) => {
  const attributes = { ...CHAT, 'gen_ai.input.messages': input, 'gen_ai.output.messages': output };
  expect(readAttributes(attributes)).toMatchObject({ prompt: 'Why?', generation: 'Because.' });
});

test.each(["[{'a': 1}]", "{'role'", "[{'role': 'user', 'content': 'cut off", "'Why?'", '["a","b"]'])(
  'the text %s stays as it is',
  (text) => {
    const attributes = { ...CHAT, 'gen_ai.prompt': ASKED, 'gen_ai.output.messages': text };
    expect(readAttributes(attributes).generation).toBe(text === '["a","b"]' ? 'a' : text);
  },
);

test.each([
  ['the question before the answer', [message('user', 'Why?'), message('assistant', 'Because.')]],
  [
    'all steps of an agent',
    [
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: '1', type: 'function', function: { name: 'f' } }],
      },
      { role: 'tool', tool_call_id: '1', content: 'found' },
      message('assistant', 'Because.'),
    ],
  ],
  ['a system message', [message('system', 'Be brief.'), message('assistant', 'Because.')]],
])('of an output with %s, the last answer is read', (_title, output) => {
  const call = readAttributes({
    ...CHAT,
    'gen_ai.input.messages': ASKED,
    'gen_ai.output.messages': JSON.stringify(output),
  });
  expect([call.generation, call.outputMessages.length]).toEqual(['Because.', 1]);
});

test('of several choices, the first is the answer', () => {
  const output = [message('assistant', 'Because.'), message('assistant', 'Who knows?')];
  const call = readAttributes({
    ...CHAT,
    'gen_ai.prompt': ASKED,
    'gen_ai.output.messages': JSON.stringify(output),
  });
  expect([call.generation, call.outputMessages.length]).toEqual(['Because.', 2]);
});
