import { expect, test } from 'vitest';
import type { LlmCall, Message } from '../../../src/reading/model/llm-call.js';
import {
  generationOf,
  isQuestionLost,
  promptOf,
  systemPromptOf,
} from '../../../src/records/calls/call-text.js';
import { makeCall, textMessage } from '../../support/make-call.js';

const asked = (...inputMessages: readonly Message[]): LlmCall => makeCall({ inputMessages });
const RESULT: Message = { role: 'tool', parts: [{ type: 'tool_result', result: 1 }] };
const IMAGE: Message = { role: 'user', parts: [{ type: 'media', modality: 'image' }] };

test.each<[string, LlmCall, string]>([
  [
    'the last user message with text',
    asked(textMessage('user', 'q'), textMessage('assistant', 'a'), textMessage('user', '')),
    'q',
  ],
  ['else the last message of another role', asked(textMessage('human', 'q'), textMessage('tool', 'r')), 'q'],
  ['else its media', asked(IMAGE, textMessage('system', 's')), '[image]'],
  ['its media rather than a tool result', asked(IMAGE, RESULT), '[image]'],
  ['else a tool result', asked(textMessage('system', 's'), RESULT), '[tool result]'],
  ['else the system prompt, without its text', asked(textMessage('system', 's')), '[system prompt]'],
  ['and nothing without messages', asked(), ''],
])('the prompt is %s', (_title, call, prompt) => {
  expect(promptOf(call)).toBe(prompt);
});

test.each<[string, readonly Message[], boolean]>([
  ['is its last message', [textMessage('user', 'q')], false],
  ['has no text', [textMessage('user', '')], true],
  ['is followed by an answer', [textMessage('user', 'q'), textMessage('assistant', 'a')], true],
  ['is missing', [], true],
])('the question of an input that was cut off may be lost if it %s: %s', (_how, inputMessages, isLost) => {
  expect(isQuestionLost(makeCall({ inputMessages, inputTruncated: true }))).toBe(isLost);
  expect(isQuestionLost(makeCall({ inputMessages }))).toBe(false);
});

test('a prompt that was cut off says so', () => {
  expect(promptOf(makeCall({ inputTruncated: true, inputMessages: [textMessage('assistant', 'a')] }))).toBe(
    '[truncated]',
  );
});

test('the parts of an answer are joined without a break, and tool calls count only without text', () => {
  const text = (part: string) => ({ type: 'text', text: part }) as const;
  const call = (name: string, given?: unknown) => ({ type: 'tool_call', name, arguments: given }) as const;
  const generation = (parts: Message['parts']) =>
    generationOf(makeCall({ outputMessages: [{ role: 'assistant', parts }] }));
  expect(generation([text('Rome'), text(' is it.'), call('f')])).toBe('Rome is it.');
  expect(generation([call('f'), call('g', '{"broken'), call('h', { a: 1 })])).toBe(
    'f()\ng({"broken)\nh({"a":1})',
  );
  expect(generationOf(makeCall())).toBe('');
});

test('the system prompt has instructions and messages, the same text once', () => {
  const call = makeCall({
    systemInstructions: [{ type: 'text', text: 'be kind' }],
    inputMessages: [
      textMessage('system', 'be kind'),
      textMessage('system', 'be brief'),
      textMessage('user', 'q'),
    ],
  });
  expect(systemPromptOf(call)).toBe('be kind\nbe brief');
});
