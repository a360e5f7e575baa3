import { AIMessage, HumanMessage, SystemMessage } from '@langchain/core/messages';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choicesJson, conversationJson } from '../../../src/langchain/messages/conversation-json.js';

/** Texts with lone surrogates, control characters, quotes and backslashes. */
const text = fc.string({ unit: 'binary', minLength: 1 });

describe('JSON of plain messages', () => {
  test('any text survives the conversion to JSON', () => {
    fc.assert(
      fc.property(text, text, text, (system, human, ai) => {
        const messages = [new SystemMessage(system), new HumanMessage(human), new AIMessage(ai)];

        const conversation = conversationJson(messages);

        expect(JSON.parse(String(conversation.systemInstructions))).toEqual([
          { type: 'text', content: system },
        ]);
        expect(JSON.parse(conversation.messages)).toEqual([
          { role: 'user', parts: [{ type: 'text', content: human }] },
          { role: 'assistant', parts: [{ type: 'text', content: ai }] },
        ]);
      }),
    );
  });

  test('a lone surrogate is escaped as JSON.stringify does it', () => {
    const choice = {
      role: 'assistant',
      parts: [{ type: 'text', content: 'a\ud800"\n' } as const],
      finish_reason: 'stop',
    };

    expect(choicesJson([choice])).toBe(JSON.stringify([choice]));
  });

  test('a system message after the first question stays among the messages', () => {
    const { systemInstructions, messages } = conversationJson([
      new HumanMessage('q'),
      new SystemMessage('s'),
    ]);

    expect(systemInstructions).toBeUndefined();
    expect(JSON.parse(messages)).toMatchObject([{ role: 'user' }, { role: 'system' }]);
  });
});
