import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TrubricsClient } from '../../../src/client/client.js';
import type { PromptInput } from '../../../src/client/prompt-input.js';
import { withTrubrics } from '../../../src/identity/with-trubrics.js';
import type { FeedbackInput } from '../../../src/records/feedback/to-feedback-event.js';
import type { TrackInput } from '../../../src/records/feedback/to-tracked-event.js';
import type { PromptRecord, TrackedEvent } from '../../../src/records/model/prompt-record.js';
import { userIdHash, withHashedUser } from '../../../src/records/privacy/hash-user-id.js';
import { memoryDestination } from '../../support/memory-destination.js';
import { around, chat } from '../../support/trace-sketch.js';
import { useContextManager } from '../../support/use-context-manager.js';
import { useProvider } from '../../support/use-provider.js';
import { PROPORTIONAL, timeGrowth } from '../../support/time-growth.js';

useContextManager();

const SECRET = 'a secret of sixteen characters';
const GRACE = 'grace@example.com';
const hash = userIdHash(SECRET);
const hashed = (id: string) => createHmac('sha256', SECRET).update(id).digest('hex');

/** A text, list and object that repeat the id in every way. */
const NESTED = {
  whole: GRACE,
  upper: GRACE.toUpperCase(),
  word: `mail to:${GRACE}.`,
  url: `https://example.org/users/${GRACE}/chats?by=${GRACE}&also=${encodeURIComponent(GRACE)}`,
  json: JSON.stringify({ [GRACE]: JSON.stringify([`\n${GRACE}`]) }),
  list: [GRACE, [{ deep: `by ${GRACE}`, [GRACE]: 1 }]],
  [GRACE]: true,
  [`owner ${GRACE}`]: null,
};

/** Every field of a record, with the id where a text can have it. A new field does not compile without a line here. */
const RECORD: Required<PromptRecord> = {
  id: `chat-of-${GRACE}`,
  userId: GRACE,
  threadId: `${GRACE}:1`,
  prompt: 'hi',
  generation: 'yo',
  assistantId: `tuned-for/${GRACE}`,
  timestamp: '2026-01-01T00:00:00.000Z',
  latency: 1,
  tags: [GRACE, `user:${GRACE}`],
  properties: NESTED,
};

const EVENT: Required<TrackedEvent> = {
  id: `event-of-${GRACE}`,
  event: `Sign up of ${GRACE}`,
  userId: GRACE,
  threadId: GRACE,
  timestamp: '2026-01-01T00:00:00.000Z',
  properties: NESTED,
};

/** Every field of feedback, of an event and of a prompt as an application gives them. */
const FEEDBACK: Required<FeedbackInput> = {
  recordId: `chat-of-${GRACE}`,
  runId: GRACE,
  spanContext: { traceId: GRACE, spanId: GRACE },
  threadId: GRACE,
  userId: GRACE,
  score: 1,
  label: `for ${GRACE}`,
  comment: `I am ${GRACE}`,
  component: GRACE,
  properties: NESTED,
  timestamp: '2026-01-01T00:00:00.000Z',
};

const TRACKED: Required<TrackInput> = {
  event: `for ${GRACE}`,
  userId: GRACE,
  threadId: GRACE,
  timestamp: '2026-01-01T00:00:00.000Z',
  properties: NESTED,
};

const PROMPT: Required<PromptInput> = {
  prompt: 'hi',
  generation: 'yo',
  userId: GRACE,
  threadId: GRACE,
  assistantId: GRACE,
  timestamp: '2026-01-01T00:00:00.000Z',
  latency: 1,
  tags: [GRACE],
  properties: NESTED,
  id: `chat-of-${GRACE}`,
};

const jsonEscape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

describe('hashUserId', () => {
  test.each(Object.keys(RECORD))('hashUserId leaves no id in the field "%s" of a record', (field) => {
    const record = withHashedUser(RECORD, hash);
    expect(JSON.stringify(record[field as keyof PromptRecord])).not.toMatch(/grace/i);
    expect(record.userId).toBe(hashed(GRACE));
  });

  test.each(Object.keys(EVENT))('hashUserId leaves no id in the field "%s" of an event', (field) => {
    const event = withHashedUser(EVENT, hash);
    expect(JSON.stringify(event[field as keyof TrackedEvent])).not.toMatch(/grace/i);
    expect(event.userId).toBe(hashed(GRACE));
  });

  test('hashUserId keeps everything else of a record and of an event', () => {
    const { record, event } = {
      record: withHashedUser(RECORD, hash),
      event: withHashedUser(EVENT, hash),
    };
    expect(Object.keys(record)).toEqual(Object.keys(RECORD));
    expect(Object.keys(event)).toEqual(Object.keys(EVENT));
    expect(record).toMatchObject({ prompt: 'hi', generation: 'yo', timestamp: RECORD.timestamp, latency: 1 });
    expect(record.threadId).toBe(`${hashed(GRACE)}:1`);
    expect(record.properties.word).toBe(`mail to:${hashed(GRACE)}.`);
  });

  test('hashUserId leaves no id in what a client sends: prompts, events and feedback', async () => {
    const destination = memoryDestination();
    const client = new TrubricsClient({ destination, hashUserId: SECRET });
    client.trackPrompt(PROMPT);
    client.track(TRACKED);
    client.trackFeedback(FEEDBACK);
    const { recordId: _, ...bySpan } = FEEDBACK;
    client.trackFeedback(bySpan);
    await client.shutdown();
    expect(destination.records).toHaveLength(1);
    expect(destination.events).toHaveLength(3);
    expect(JSON.stringify([destination.records, destination.events])).not.toMatch(/grace/i);
    // Feedback of the same user still finds the record.
    expect(destination.events[1]?.properties['record_id']).toBe(destination.records[0]?.id);
  });

  test.each(['call', 'turn', 'both'] as const)(
    'hashUserId leaves no id in what spans become, with granularity "%s"',
    async (granularity) => {
      const { processor, destination, tracer } = useProvider({ hashUserId: SECRET, granularity });
      const attributes = {
        'user.id': GRACE,
        'gen_ai.conversation.id': GRACE,
        'langfuse.trace.tags': [GRACE],
        'langfuse.trace.metadata.owner': GRACE.toUpperCase(),
        'langfuse.observation.metadata': JSON.stringify({ owner: GRACE, nested: { o: [GRACE] } }),
      };
      const identity = { userId: GRACE, threadId: GRACE, tags: [`t:${GRACE}`], properties: NESTED };
      withTrubrics(identity, () => {
        chat(tracer, { prompt: 'q', answer: 'a' });
        chat(tracer, { prompt: 'q', error: `no such user ${GRACE}` });
        around(tracer, `agent of ${GRACE}`, attributes, (below) => {
          chat(tracer, { prompt: 'q', answer: 'a', attributes, below });
          chat(tracer, { prompt: 'q2', error: 'x', attributes, below });
        });
      });
      processor.trackFeedback({ ...FEEDBACK });
      await processor.forceFlush();
      const all = [...destination.records, ...destination.events];
      expect(all.length).toBeGreaterThan(3);
      expect(new Set(all.map(({ userId }) => userId))).toEqual(new Set([hashed(GRACE)]));
      expect(JSON.stringify(all)).not.toMatch(/grace/i);
    },
  );

  test.each([
    [
      'as part of another word',
      'mark',
      'a remarkable bookmark, benchmarks',
      'a remarkable bookmark, benchmarks',
    ],
    ['as a word', 'mark', 'Mark_1, mark-2, (MARK)', '#_1, #-2, (#)'],
    ['shorter than four characters', 'ada', 'ada said: ada', 'ada said: ada'],
    ['shorter than four characters, as the whole', 'ada', 'ada', '#'],
    ['with characters of regular expressions', 'a.b*(c)|[d]', 'x a.b*(c)|[d] axb', 'x # axb'],
    ['in another script', '山田太郎', '山田太郎 さん', '# さん'],
    ['with an accent', 'zoé9', 'zoé9é zoé9', 'zoé9é #'],
    ['with signs at its ends', '<id>', 'x<id>y', 'x#y'],
  ])('hashUserId treats an id %s', (_, userId, text, expected) => {
    const { properties } = withHashedUser({ ...RECORD, userId, properties: { text } }, hash);
    expect(properties.text).toBe(expected.replaceAll('#', hashed(userId)));
  });

  test('hashUserId replaces an id that is a number, but no count that happens to be equal', () => {
    const properties = {
      account: 12345,
      ids: [12345, 1],
      input_tokens: 12345,
      score: 12345,
      usage: { total_tokens: 12345 },
    };
    expect(withHashedUser({ ...RECORD, userId: '12345', properties }, hash).properties).toEqual({
      ...properties,
      account: hashed('12345'),
      ids: [hashed('12345'), 1],
    });
  });

  test('hashUserId finds every id of any characters, as a whole and between blanks', () => {
    const ids = fc.string({ minLength: 4, maxLength: 2_000, unit: 'grapheme' });
    fc.assert(
      fc.property(ids, (userId) => {
        fc.pre(userId !== 'anonymous' && userId.trim() === userId);
        const { properties } = withHashedUser(
          { ...RECORD, userId, properties: { a: userId, b: ` ${userId} ` } },
          hash,
        );
        expect(properties).toEqual({ a: hashed(userId), b: ` ${hashed(userId)} ` });
      }),
    );
  });

  test.each([
    ['a URL', (id: string) => `https://example.org/?r=${encodeURIComponent(`/?by=${id}`)}&n=1`],
    ['a URL within a URL', (id: string) => encodeURIComponent(encodeURIComponent(`https://x.org/${id}`))],
    ['a form', (id: string) => String(new URLSearchParams({ by: id }))],
    ['JSON', (id: string) => JSON.stringify({ by: `\n${id}\n` })],
    ['JSON within JSON', (id: string) => JSON.stringify([JSON.stringify([JSON.stringify([id])])])],
    ['JSON with escapes', (id: string) => JSON.stringify([id]).replaceAll(/[^ -~]/g, jsonEscape)],
    ['decomposed characters', (id: string) => `by ${id.normalize('NFD')}.`],
    ['composed characters', (id: string) => `by ${id.normalize('NFC')}.`],
    ['HTML', (id: string) => `<b>${escapeHtml(id)}</b>`],
    ['capitals', (id: string) => `by ${id.toUpperCase()}.`],
  ])('hashUserId finds an id in %s', (_, write) => {
    const ids = [
      GRACE,
      'CORP\\grace',
      'o"neil x',
      'José.Peña',
      "o'brien & co",
      'jürgen müller',
      'a/b+c=d',
      '山田太郎',
      'Zoé.Peña'.normalize('NFD'),
    ];
    for (const id of ids) {
      const text = write(id);
      const { properties } = withHashedUser({ ...RECORD, userId: id, properties: { text } }, hash);
      expect(properties.text, `${id} in ${text}`).toContain(hashed(id));
    }
  });

  test('hashUserId replaces a short id that is the whole text in any case', () => {
    const { properties, threadId } = withHashedUser(
      {
        ...RECORD,
        userId: 'Zoé',
        threadId: 'ZOÉ',
        properties: { a: 'zoé', b: 'zoé'.normalize('NFD'), c: 'Zoés' },
      },
      hash,
    );
    expect({ threadId, ...properties }).toEqual({
      threadId: hashed('Zoé'),
      a: hashed('Zoé'),
      b: hashed('Zoé'),
      c: 'Zoés',
    });
  });

  test('hashUserId takes time in proportion to the text', () => {
    const hashText = (text: string): void => void withHashedUser({ ...RECORD, properties: { text } }, hash);
    expect(timeGrowth(hashText, 'gracegrace@example.co')).toBeLessThan(PROPORTIONAL);
  });

  test('hashUserId leaves records without a user as they are', () => {
    const record = { ...RECORD, userId: 'anonymous', properties: { by: 'anonymous' } };
    expect(withHashedUser(record, hash)).toEqual(record);
  });

  test('hashUserId replaces an id of thousands of characters wherever it stands', () => {
    const userId = 'x'.repeat(2_000);
    const { properties } = withHashedUser({ ...RECORD, userId, properties: { text: `by ${userId}.` } }, hash);
    expect(properties.text).toBe(`by ${hashed(userId)}.`);
  });

  test('hashUserId keeps a number that is equal to a short id', () => {
    const { properties } = withHashedUser({ ...RECORD, userId: '123', properties: { rooms: 123 } }, hash);
    expect(properties.rooms).toBe(123);
  });

  test('hashUserId remembers a thousand users, and no more', () => {
    const cached = userIdHash(SECRET);
    const first = cached('user-0');
    for (let user = 0; user < 1_000; user += 1) cached(`user-${user}`);
    expect(cached('user-0')).toBe(first);
    cached('user-1000');
    expect(cached('user-0')).not.toBe(first);
    expect(cached('user-0')?.hashed).toBe(first?.hashed);
  });
});
