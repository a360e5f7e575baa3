import { expect, test } from 'vitest';
import { readAttributes } from '../../support/read-call.js';

const text = (value: string) => ({ type: 'text', value });

function generationOf(output: unknown): string {
  return readAttributes({
    'langwatch.span.type': 'llm',
    'langwatch.input': JSON.stringify(text('Capital of Italy?')),
    'langwatch.output': JSON.stringify(output),
  }).generation;
}

test('outputs of LangWatch are texts, alone and in a list', () => {
  expect(generationOf(text('Rome'))).toBe('Rome');
  expect(generationOf({ type: 'list', value: [text('Rome')] })).toBe('Rome');
  expect(generationOf({ type: 'list', value: [text('Rome'), text('Roma')] })).toBe('Rome\nRoma');
});

test('messages in a list of LangWatch stay messages', () => {
  const messages = { type: 'chat_messages', value: [{ role: 'assistant', content: 'Rome' }] };
  expect(generationOf({ type: 'list', value: [messages] })).toBe('Rome');
});

test('an empty list of LangWatch is no answer', () => {
  expect(generationOf({ type: 'list', value: [] })).toBe('');
});
