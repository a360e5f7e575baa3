import { expect, test } from 'vitest';
import { messagesOf } from '../../../src/records/calls/messages.js';
import { redactPersonalData, toPromptRecords } from '../../../src/index.js';
import { toPromptRecord } from '../../../src/records/calls/to-prompt-record.js';
import { DEFAULT_RECORD_SETTINGS } from '../../../src/records/model/record-settings.js';
import { userIdHash, withHashedUser } from '../../../src/records/privacy/hash-user-id.js';
import { makeCall, textMessage } from '../../support/make-call.js';
import { makeChatSpan } from '../../support/span.js';

const user = (text: string) => textMessage('user', text);
const callOf = (name: string, args: unknown) => ({
  role: 'assistant',
  parts: [{ type: 'tool_call' as const, name, arguments: args }],
});

test('the input messages are recorded in order, with tool calls, tool results and media by address', () => {
  const call = makeCall({
    inputMessages: [
      user('Weather in Rome?'),
      callOf('weather', { city: 'Rome' }),
      { role: 'tool', parts: [{ type: 'tool_result', id: '1', result: { degrees: 21 } }] },
      {
        role: 'user',
        name: 'ada',
        parts: [
          { type: 'text', text: 'And here?' },
          { type: 'media', modality: 'image', mimeType: 'image/png', uri: 'https://example.com/sky.png' },
        ],
      },
    ],
  });
  expect(messagesOf(call, false, 1000)).toMatchObject([
    { role: 'user', content: 'Weather in Rome?' },
    { role: 'assistant', tool_calls: [{ name: 'weather', arguments: '{"city":"Rome"}' }] },
    { role: 'tool', tool_results: [{ id: '1', content: '{"degrees":21}' }] },
    {
      role: 'user',
      name: 'ada',
      content: 'And here?',
      media: [{ modality: 'image', mime_type: 'image/png', uri: 'https://example.com/sky.png' }],
    },
  ]);
});

test('a question alone is no history, and instructions are left out unless they are recorded', () => {
  expect(messagesOf(makeCall({ inputMessages: [user('Why?')] }), false, 1000)).toEqual([]);
  const instructed = makeCall({
    inputMessages: [textMessage('system', 'Be brief.'), textMessage('developer', 'Be kind.'), user('Why?')],
  });
  expect(messagesOf(instructed, false, 1000)).toEqual([]);
  expect(messagesOf(instructed, true, 1000)).toHaveLength(3);
});

test('the latest messages are kept within the length, and the others counted', () => {
  const inputMessages = Array.from({ length: 50 }, (_, i) => user(`message ${i} ${'x'.repeat(80)}`));
  const messages = messagesOf(makeCall({ inputMessages }), false, 1000);
  expect(JSON.stringify(messages).length).toBeLessThan(1100);
  expect(messages[0]).toEqual({ omitted: 50 - messages.length + 1 });
  expect(messages.at(-1)).toMatchObject({ content: expect.stringMatching(/^message 49 /) as string });
  const many = Array.from({ length: 300 }, () => user('Why?'));
  expect(messagesOf(makeCall({ inputMessages: many }), false, 1e6)[0]).toEqual({ omitted: 100 });
  const long = messagesOf(makeCall({ inputMessages: [user('a'), user('y'.repeat(1e6))] }), false, 1000);
  expect(long).toHaveLength(2);
  expect(JSON.stringify(long).length).toBeLessThan(1100);
});

test('nothing binary is recorded, wherever a message has it', () => {
  const picture = 'iVBORw0KGgoAAAANSUhEUg'.repeat(60);
  const call = makeCall({
    inputMessages: [
      user(`![](data:image/png;base64,${picture})`),
      callOf('show', { picture }),
      { role: 'tool', parts: [{ type: 'tool_result', result: [{ type: 'image', data: picture }] }] },
      { role: 'tool', parts: [{ type: 'tool_result', result: new Uint8Array(9) }] },
      {
        role: 'user',
        parts: [{ type: 'media', modality: 'image', uri: `data:image/png;base64,${picture}` }],
      },
      user('What is it?'),
    ],
  });
  const json = JSON.stringify(messagesOf(call, false, 1e6));
  expect(json).not.toContain('iVBORw0KGgo');
  expect(json.match(/\[base64, \d+ bytes\]/g)).toHaveLength(3);
});

test('values that have no JSON cost no message', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const results = [cyclic, 10n, undefined, () => 1, Symbol('s')];
  const inputMessages = results.map((result) => ({
    role: 'tool',
    parts: [{ type: 'tool_result' as const, result }],
  }));
  expect(messagesOf(makeCall({ inputMessages }), false, 1000)).toHaveLength(5);
});

test('only messages: "all" records them, and metadata of that name stays beside them', () => {
  const attributes = {
    'gen_ai.input.messages': JSON.stringify(
      ['Hello.', 'Why?'].map((content) => ({ role: 'user', parts: [{ type: 'text', content }] })),
    ),
  };
  const record = (options = {}) => toPromptRecords([makeChatSpan({ attributes })], options)[0]?.properties;
  expect(record()).not.toHaveProperty('messages');
  expect(record({ messages: 'all', properties: { messages: 'mine' } })).toMatchObject({
    messages: [{ content: 'Hello.' }, { content: 'Why?' }],
    'metadata.messages': 'mine',
  });
});

test('the id of a user in a message is hashed, and a text is redacted, as in all properties', () => {
  const text = 'I am ada-lovelace, ada@example.com.';
  const inputMessages = [user(text), callOf('mail', { to: text }), user('Why?')];
  const identity = { userId: 'ada-lovelace', anonymous: false };
  const settings = { ...DEFAULT_RECORD_SETTINGS, messages: 'all' } as const;
  const record = toPromptRecord(makeCall({ inputMessages }), identity, settings);
  expect(JSON.stringify(record.properties['messages'])).toMatch(/ada-lovelace.*ada-lovelace/);
  const redacted = redactPersonalData(withHashedUser(record, userIdHash('secret')));
  expect(JSON.stringify(redacted)).not.toMatch(/ada/);
  expect(redacted.properties['messages']).toHaveLength(3);
});
