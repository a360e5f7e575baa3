import { describe, expect, test } from 'vitest';
import { CHAT, readAttributes } from '../../support/read-call.js';

describe('an answer that looks like something else', () => {
  const SENTRY = { ...CHAT, 'sentry.op': 'gen_ai.chat', 'gen_ai.response.text': '["Rome","Milan"]' };

  test('a JSON list is one text on a Sentry stream, and one choice for each text elsewhere', () => {
    expect(readAttributes({ ...SENTRY, 'gen_ai.response.streaming': true }).generation).toBe(
      '["Rome","Milan"]',
    );
    expect(readAttributes(SENTRY).outputMessages).toHaveLength(2);
  });

  test('a list of texts is one choice for each text', () => {
    const call = readAttributes({ ...CHAT, 'gen_ai.output.messages': '["Rome","Milan"]' });
    expect(call.outputMessages.map((message) => message.parts)).toEqual([
      [{ type: 'text', text: 'Rome' }],
      [{ type: 'text', text: 'Milan' }],
    ]);
  });

  test.each(['"Rome" it is', '"Rome, she said'])(
    'an answer that begins with a quotation mark stays the text %s',
    (text) => {
      const call = readAttributes({ ...SENTRY, 'gen_ai.response.text': text });
      expect(call).toMatchObject({ generation: text, truncated: false });
      const completion = readAttributes({ ...CHAT, 'gen_ai.completion': text });
      expect(completion).toMatchObject({ generation: text, truncated: false });
    },
  );

  test('the answer is the AI SDK object if the text beside it is empty', () => {
    const attributes = { 'ai.operationId': 'ai.generateObject.doGenerate', 'ai.response.text': '' };
    expect(readAttributes({ ...attributes, 'ai.response.object': '{"a":1}' }).generation).toBe('{"a":1}');
  });
});
