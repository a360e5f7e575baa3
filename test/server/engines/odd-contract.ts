import { expect, test } from 'vitest';
import type { NewRecord } from '../../../src/server/index.js';
import { matches } from '../../../src/server/query/match-query.js';
import type { Engine } from './engine.js';
import { event, exported, idsOf, numbered, useStore } from './stored.js';

/** Texts that are names of members of every object, parts of statements or patterns, or JSON. */
const ODD = ['constructor', '__proto__', 'toString', '😀', 'x'.repeat(10_000), '..', ' ', '%', "a'b", 'a\\b'];
const JSON_TEXTS = ['"x"', 'x', '1.5', 'null', '["a"]', '"', '\\"x\\"', ''];

function named(id: string, name: string, fields: Partial<NewRecord> = {}): NewRecord {
  return { ...numbered(1), id, userId: name, threadId: name, ...fields } as NewRecord;
}

/** What every engine has to promise for names and values that no application should have. */
export function checkOddValues(engine: Engine): void {
  test(`${engine.name}: people, conversations, models and tags may have any name`, async () => {
    const store = await useStore(engine);
    await store.put(ODD.map((name, at) => named(`r${at}`, name, { tags: [name], assistantId: name })));
    for (const [at, name] of ODD.entries())
      for (const query of [{ users: [name] }, { threads: [name] }, { models: [name] }, { tags: [name] }])
        expect([name, query, await idsOf(store, query)]).toEqual([name, query, [`r${at}`]]);
    for (const by of ['user', 'model', 'tag', 'thread'] as const) {
      const { groups } = await store.measure({}, { measures: ['prompts'], by, limit: 100 });
      expect(groups.map(({ name, values }) => [name, values[0]])).toEqual(
        expect.arrayContaining(ODD.map((name) => [name, 1])),
      );
    }
  });

  test(`${engine.name}: a property is found by its own text or JSON, and not by that of another one`, async () => {
    const store = await useStore(engine);
    const values = [...JSON_TEXTS, 1.5, null, ['a'], true, -0];
    await store.put(
      values.map((value, at) => ({
        ...numbered(at),
        id: `r${at}`,
        properties: { plan: value, ['__proto__']: value },
      })),
    );
    const records = await exported(store);
    for (const name of ['plan', '__proto__', 'constructor'])
      for (const text of [...JSON_TEXTS, 'true', '0', '-0']) {
        const query = { properties: [{ name, values: [text] }] };
        const wanted = records.filter((record) => matches(query, record, 0)).map(({ id }) => id);
        expect([query, (await idsOf(store, query)).toSorted()]).toEqual([query, wanted.toSorted()]);
      }
  });

  test(`${engine.name}: a prompt whose model is the empty text has none, as an event has`, async () => {
    const store = await useStore(engine);
    await store.put([
      named('p', 'ada', { assistantId: '' }),
      { ...event('e', 'LLM error', { model: '', error_type: 'Timeout' }), userId: 'bob' },
    ]);
    const { users } = await store.users({}, 10);
    expect(Object.fromEntries(users.map(({ userId, models }) => [userId, models]))).toEqual({
      ada: ['unknown'],
      bob: [],
    });
    expect(await idsOf(store, { models: ['unknown'] })).toEqual(['p']);
    // No filter names what is missing.
    for (const query of [
      { models: [''] },
      { events: [''] },
      { threads: [''] },
      { about: [''] },
      { tags: [''] },
    ])
      expect([query, await idsOf(store, query)]).toEqual([query, []]);
    const { groups } = await store.measure({}, { measures: ['records'], by: 'model' });
    expect(new Set(groups.map(({ name }) => name))).toEqual(new Set(['unknown', null]));
  });

  test(`${engine.name}: people and conversations of the same moment are listed by name`, async () => {
    const store = await useStore(engine);
    const names = ['m', 'z', 'a', 'q', 'B', 'ä', '_'];
    await store.put(names.map((name) => named(`r${name}`, name)));
    const wanted = ['B', '_', 'a', 'm', 'q', 'z', 'ä'];
    for (const limit of [7, 3]) {
      expect((await store.users({}, limit)).users.map(({ userId }) => userId)).toEqual(
        wanted.slice(0, limit),
      );
      for (const order of ['latest', 'earliest', 'prompts', 'cost'] as const)
        expect([
          order,
          (await store.threads({}, limit, order)).threads.map(({ threadId }) => threadId),
        ]).toEqual([order, wanted.slice(0, limit)]);
    }
  });
}
