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
  ])('user and thread are found in %j', (attributes, identity) => {
    expect(readIdentity(attributes)).toEqual(identity);
  });
});
