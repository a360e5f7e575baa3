import { describe, expect, test } from 'vitest';
import { readIdentity } from '../../../src/reading/fields/identity.js';

describe('identity', () => {
  test.each([
    [{ 'traceloop.association.properties.conversationId': 't' }, { threadId: 't' }],
    [{ 'lmnr.association.properties.chatId': 't' }, { threadId: 't' }],
    [{ 'ai.telemetry.metadata.session.id': 't' }, { threadId: 't' }],
    [{ 'ai.settings.context.session.id': 't' }, { threadId: 't' }],
    [{ 'ai.settings.context.user.id': 'u' }, { userId: 'u' }],
    [{ 'ai.settings.context.posthog_distinct_id': 'u' }, { userId: 'u' }],
    [{ metadata: '{"chat_id":"t","user_id":"u"}' }, { userId: 'u', threadId: 't' }],
    [{ metadata: '{"chatId":"t"}' }, { threadId: 't' }],
    [
      { 'langwatch.user.id': 'u', 'langwatch.thread.id': 't' },
      { userId: 'u', threadId: 't' },
    ],
    [
      { user_id: 'u', thread_id: 't' },
      { userId: 'u', threadId: 't' },
    ],
    [
      { 'gen_ai.user.id': 'u', 'gen_ai.session.id': 't' },
      { userId: 'u', threadId: 't' },
    ],
    [{ 'gen_ai.thread.id': 't' }, { threadId: 't' }],
    [{ posthog_distinct_id: 'u' }, { userId: 'u' }],
  ])('user and thread are found in %j', (attributes, identity) => {
    expect(readIdentity(attributes)).toEqual(identity);
  });

  test.each(['conversation_id', 'session_id', 'chatId', 'chat_id', 'conversationId'])(
    'the thread is found under the bare name %s',
    (name) => {
      expect(readIdentity({ [name]: 't' })).toEqual({ threadId: 't' });
    },
  );

  test('a session that somebody set by hand comes before a conversation that a library set', () => {
    const conversation = { 'gen_ai.conversation.id': 'room' };
    expect(readIdentity({ ...conversation, 'session.id': 's' }).threadId).toBe('s');
    expect(readIdentity({ ...conversation, 'langfuse.session.id': 'l' }).threadId).toBe('l');
    expect(readIdentity(conversation).threadId).toBe('room');
  });

  test('the thread that the user gave to our own handler comes before a session', () => {
    const own = { 'trubrics.run.id': 'r', 'gen_ai.conversation.id': 't', 'session.id': 's' };
    expect(readIdentity(own).threadId).toBe('t');
  });
});
