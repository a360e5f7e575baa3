import { expect, test } from 'vitest';
import { questionOf, withoutHistory } from '../../../src/records/turns/question.js';
import { makeCall, textMessage } from '../../support/make-call.js';

const user = (text: string) => textMessage('user', text);
const assistant = (text: string) => textMessage('assistant', text);

test('the question of a call is its last user message, counted among all', () => {
  const inputMessages = [user('one'), assistant('1'), user('two'), assistant('tool call')];
  expect(questionOf(makeCall({ inputMessages }))).toEqual({ text: 'two', count: 2 });
});

test('a call without a user message with text has no question', () => {
  expect(questionOf(makeCall({ inputMessages: [user(''), textMessage('tool', 'result')] }))).toBeUndefined();
  expect(questionOf(makeCall())).toBeUndefined();
});

test('a question that was cut off is not the one before it', () => {
  const inputMessages = [user('one'), assistant('1')];
  expect(questionOf(makeCall({ inputMessages, inputTruncated: true }))).toEqual({
    text: '[truncated]',
    count: 2,
  });
});

test('a call without history has system messages, its question and its last message, in order', () => {
  const messages = [
    user('one'),
    textMessage('system', 'be kind'),
    assistant('1'),
    user('two'),
    assistant('step'),
    textMessage('tool', 'result'),
  ];
  const call = withoutHistory(makeCall({ inputMessages: messages, requestModel: 'm' }));
  expect(call.inputMessages).toEqual([messages[1], messages[3], messages[5]]);
  expect(call.requestModel).toBe('m');
});
