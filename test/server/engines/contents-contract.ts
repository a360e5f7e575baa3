import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wellFormed } from '../../../src/records/text/clean-text.js';
import type { NewRecord, RecordQuery } from '../../../src/server/index.js';
import { toSearchable } from '../../../src/server/model/search-text.js';
import { matches } from '../../../src/server/query/match-query.js';
import type { Engine } from './engine.js';
import { event, exported, exportedAsLines, getOne, idsOf, numbered, useStore } from './stored.js';

const TEXTS = [
  'How do I trace it?',
  'Größe der Straße\n\n- eins\n- zwei',
  'e\u0301te\u0301 in form D',
  'İSTANBUL AND A LOUD TEXT',
  '日本語のテキスト 😀',
  'a "quoted" \\ text, {"environment":"dev"}',
  'lone \ud83d surrogate',
  '',
  'tab\tand\u00a0nbsp  twice',
];

/** Holds an engine to what it has to keep and to find of the contents of records. */
export function checkContents(engine: Engine): void {
  test(`${engine.name}: texts and properties of any kind are read as they were put`, async () => {
    const kept = (value: string) => (engine.isUtf8 ? wellFormed(value) : value);
    const text = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: 'grapheme', maxLength: 40 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(text, text, fc.jsonValue()), { maxLength: 20 }),
        async (contents) => {
          const store = await engine.open();
          const records = contents.map(([prompt, generation, value], id): NewRecord => {
            // JSON has no -0.
            const properties = JSON.parse(JSON.stringify({ value, prompt })) as NewRecord['properties'];
            return id % 3 === 2
              ? event(String(id), 'Opened', properties)
              : { ...numbered(id), prompt, generation, properties };
          });
          const { records: stored } = await store.put(records);
          await store.put(records.slice(0, 3).map((record) => ({ ...record, userId: 'again' })));
          const expected = records.map((record, id) => ({
            ...record,
            ...(record.kind === 'prompt' && {
              prompt: kept(record.prompt),
              generation: kept(record.generation),
            }),
            seq: stored[id]?.seq,
            ...(id < 3 && { userId: 'again' }),
          }));
          expect(await exported(store)).toEqual(expected);
          expect(await exportedAsLines(store)).toEqual(expected);
          for (const record of expected) expect(await getOne(store, record.id)).toEqual(record);
          await store.close();
        },
      ),
      { numRuns: Math.min(100, engine.runs) },
    );
  });

  test(`${engine.name}: among thousands of records, words and properties find those that match`, async () => {
    const store = await useStore(engine);
    const values = [
      'dev',
      'de',
      'dev"',
      1,
      12,
      '1',
      true,
      'true',
      null,
      ['dev', 'x'],
      { environment: 'dev' },
      1.5,
      -1,
    ];
    await store.put(
      Array.from({ length: 6000 }, (_, id): NewRecord => {
        const value = values[id % values.length] ?? null;
        const prompt = `${TEXTS[id % TEXTS.length]} number ${id}`;
        const properties =
          id % 7 === 3
            ? { nested: { environment: 'dev', n: 12 }, environment: value }
            : { environment: value, n: id % 20 };
        // Properties named as fields of a record.
        const named = id % 11 === 5 ? { userId: 'user-1', kind: 'event', latency: 1 } : {};
        return id % 5 === 4
          ? event(String(id), 'Opened', { ...properties, comment: prompt, ...named })
          : { ...numbered(id, id % 9), prompt, properties: { ...properties, ...named } };
      }),
    );
    await store.remove({ users: ['user-2'] });
    const all = await exported(store);
    expect(all.length).toBeGreaterThan(4000);
    const term = (text: string, isExcluded?: true) => ({
      text: toSearchable(text),
      ...(isExcluded && { isExcluded }),
    });
    const property = (name: string, ...wanted: string[]): RecordQuery => ({
      properties: [{ name, values: wanted }],
    });
    const queries: RecordQuery[] = [
      { terms: [term('TRACE')] },
      { terms: [term('number 4242')] },
      { terms: [term('trace', true), term('number')] },
      { terms: [term('e\u0301te\u0301')] },
      { terms: [term('İstanbul')] },
      { terms: [term('text 😀')] },
      { terms: [term('"environment":"dev"')] },
      { terms: [term('eins - zwei')] },
      { terms: [term('nothing of the kind')] },
      { terms: [term('trace')], users: ['user-1'], kinds: ['prompt'] },
      property('environment', 'dev'),
      property('environment', '1'),
      property('environment', 'true', 'null', '1.5', '-1'),
      property('environment', '["dev","x"]'),
      property('environment', '{"environment":"dev"}'),
      property('environment', 'dev"'),
      property('n', '1'),
      property('n', '12'),
      property('nested', '{"environment":"dev","n":12}'),
      property('userId', 'user-1'),
      property('kind', 'event'),
      property('latency', '1'),
      property('missing', 'undefined'),
      {
        properties: [
          { name: 'environment', values: ['dev'] },
          { name: 'n', values: ['3', '4'] },
        ],
      },
      { properties: [{ name: 'n', values: ['3'] }], terms: [term('trace')], errors: [false] },
    ];
    for (const query of queries) {
      const expected = all.filter((record) => matches(query, record, Date.now())).map(({ id }) => id);
      expect([query, await idsOf(store, query)]).toEqual([query, expected]);
    }
  });
}
