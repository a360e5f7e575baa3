import { expect, test } from 'vitest';
import { readPerson } from '../../../src/server/http/person/read-person.js';
import type { StoredRecord } from '../../../src/server/index.js';
import type { Engine } from './engine.js';
import { MONTHS } from './month.js';
import { ownedMonth } from './owned-month.js';
import { recountMeasure } from './recount-measures.js';
import { event, exported, useStore } from './stored.js';

const TOPIC = { kind: 'topic', name: 'beta', value: { name: 'Beta', filters: ['tag=beta'] } } as const;
const LISTED = 8;

/** Holds an engine to the page of a person: everything on it is counted again from the records that it exports. */
export function checkPersons(engine: Engine): void {
  test(`${engine.name}: the conversations, topics, ratings and costs of a person are those that a plain count gives`, async () => {
    const store = await useStore(engine);
    const month = ownedMonth(5, 400, MONTHS.spring);
    await store.put(month);
    await store.documents.put({ ...TOPIC, value: { ...TOPIC.value } });
    const answer = month.find(
      ({ kind, userId, threadId }) => kind === 'prompt' && userId === 'user-0' && threadId,
    );
    const said = { record_id: answer?.id ?? '', feedback_type: 'thumbs', score: -1, comment: 'Too slow' };
    await store.put([{ ...event('said', 'User feedback', said), userId: 'fan' }]);
    const all = await exported(store);
    for (const user of ['user-0', 'user-1', 'user-5']) {
      const own = all.filter(({ userId }) => userId === user);
      const of = (
        measure: Parameters<typeof recountMeasure>[0],
        records: readonly StoredRecord[] = own,
      ): number => recountMeasure(measure, records, all)[0] ?? 0;
      const timeline = await readPerson(store, { users: [user] }, LISTED);
      const { person, conversations } = timeline;
      const threads = new Set(own.flatMap(({ threadId }) => threadId ?? []));
      expect(threads.size).toBeGreaterThan(LISTED);
      expect(timeline).toMatchObject({
        rated: of('rated'),
        bad: of('bad'),
        total: threads.size,
        single: of(
          'requests',
          own.filter(({ threadId }) => threadId === undefined),
        ),
        person: { prompts: of('prompts'), errors: of('errors'), threads: threads.size },
      });
      expect(person?.cost).toBeCloseTo(of('cost'), 9);
      expect(conversations).toHaveLength(LISTED);
      for (const { threadId, cost, ...conversation } of conversations) {
        const records = own.filter((record) => record.threadId === threadId);
        const isBeta = records.some((record) => record.tags.includes('beta') && isAsked(record));
        expect(conversation).toMatchObject({
          prompts: of('prompts', records),
          errors: of('errors', records),
          rated: of('rated', records),
          bad: of('bad', records),
          topics: isBeta ? [{ id: 'beta', name: 'Beta' }] : [],
        });
        expect(cost).toBeCloseTo(of('cost', records), 9);
      }
      expect(timeline.topics).toEqual([
        {
          id: 'beta',
          name: 'Beta',
          conversations: conversations.filter(({ topics }) => topics.length > 0).length,
        },
      ]);
    }
    const { conversations } = await readPerson(store, { users: ['user-0'] }, 100);
    const commented = conversations.filter(({ comments }) =>
      comments.some(({ text }) => text === 'Too slow'),
    );
    expect(commented.map(({ threadId }) => threadId)).toEqual([answer?.threadId]);
  });
}

/** An error has a text of a person only if it left one. */
function isAsked(record: StoredRecord): boolean {
  return (
    record.kind === 'prompt' || (record.event === 'LLM error' && record.properties['prompt'] !== undefined)
  );
}
