import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonBuffer } from '../../../../../src/server/engines/memory/contents/json-buffer.js';
import {
  RecordContents,
  type ContentPlaces,
} from '../../../../../src/server/engines/memory/contents/record-contents.js';
import type { NewRecord, StoredRecord } from '../../../../../src/server/index.js';
import { searchTextOf } from '../../../../../src/server/model/search-text.js';
import { event, numbered } from '../../stored.js';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom('Say "Yes"\n\t\\o/', 'lone \ud83d', 'İ', 'e\u0301', '\x1f\x7f\u2028', ''),
);
const value = fc.oneof(text, fc.jsonValue());

function unmoved(): RecordContents {
  const nothing = (): void => undefined;
  return new RecordContents({ onMoveText: nothing, onMoveJson: nothing, onMoveEdits: nothing });
}

test('whatever a record, its JSON is written as it is stringified, its prompt begins as it does, and its text is found', () => {
  const contents = unmoved();
  fc.assert(
    fc.property(
      text,
      text,
      value,
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      (prompt, generation, given, isEvent, isFirst, isFolded) => {
        const properties = JSON.parse(JSON.stringify({ given, '"}],': given })) as StoredRecord['properties'];
        const record = {
          ...(isFirst && { properties, generation }),
          ...(isEvent ? event('7', 'Opened', properties) : { ...numbered(7), prompt, generation }),
          properties,
          threadId: undefined,
          [prompt || 'more']: generation,
          seq: 7,
        } as unknown as StoredRecord;
        const added = contents.add(record);
        const places = isFolded ? contents.fold(7, added) : added;
        const line = new JsonBuffer();
        contents.writeJson(places, line);
        expect(line.bytes.toString()).toBe(JSON.stringify(record));
        expect(contents.read(7, places)).toEqual(JSON.parse(JSON.stringify(record)));
        const start = contents.readPromptStart(7, places, 5);
        expect(isEvent || start.slice(0, 5) === prompt.slice(0, 5)).toBe(true);
        const searched = Buffer.from(searchTextOf(record)).toString();
        expect(isFolded ? contents.readText(places.text) : searched).toBe(searched);
      },
    ),
    { numRuns: 2000 },
  );
});

/** Contents in chunks of a few records, and the sequence numbers whose places have moved. */
function smallContents() {
  const places = new Map<number, { text: number; json: number; edits: number }>();
  const moved: number[] = [];
  const contents = new RecordContents({
    chunkBytes: 600,
    onMoveText: (seq, place) => Object.assign(places.get(seq) ?? {}, { text: place }),
    onMoveJson: (seq, place) => {
      moved.push(seq);
      Object.assign(places.get(seq) ?? {}, { json: place });
    },
    onMoveEdits: (seq, edits) => Object.assign(places.get(seq) ?? {}, { edits }),
  });
  const add = (seq: number, record: NewRecord): void => {
    const { text: textPlace, json, edits } = contents.add({ ...record, seq });
    places.set(seq, { text: textPlace, json, edits });
  };
  const fold = (seq: number): void => {
    places.set(seq, { ...contents.fold(seq, placesOf(seq)) });
  };
  const placesOf = (seq: number): ContentPlaces => {
    const found = places.get(seq);
    if (!found) throw new Error(`There is no record ${seq}.`);
    return found;
  };
  return { contents, placesOf, moved, add, fold };
}

test('a record that is added under the number of a removed one is read as it is, and not as the removed one was', () => {
  const { contents, placesOf, add } = smallContents();
  const promptOf = (seq: number): unknown => {
    const record = contents.readAndKeep(seq, placesOf(seq));
    return record.kind === 'prompt' && record.prompt;
  };
  add(1, { ...numbered(1), prompt: 'first' });
  expect(promptOf(1)).toBe('first');
  contents.remove(1, placesOf(1));
  add(1, { ...numbered(1), prompt: 'second' });
  expect(promptOf(1)).toBe('second');
  contents.clear();
  add(1, { ...numbered(1), prompt: 'third' });
  expect(promptOf(1)).toBe('third');
});

test('the JSON of removed records makes room: what is left moves together, and only that is found', () => {
  const { contents, placesOf, moved, add } = smallContents();
  for (let seq = 1; seq <= 40; seq++) add(seq, { ...numbered(seq), properties: { plan: 'pro' } });
  for (let seq = 1; seq <= 40; seq++) if (seq % 8 !== 0) contents.remove(seq, placesOf(seq));
  expect(moved.length).toBeGreaterThan(0);
  expect(moved.every((seq) => seq % 8 === 0)).toBe(true);
  const found: number[] = [];
  contents.findProperty({ name: 'plan', values: ['pro'] }, (seq) => found.push(seq));
  expect(found.toSorted((a, b) => a - b)).toEqual([8, 16, 24, 32, 40]);
  contents.clear();
  found.length = 0;
  contents.findProperty({ name: 'plan', values: ['pro'] }, (seq) => found.push(seq));
  expect(found).toEqual([]);
});

test('what is removed, and the text of a record that was made searchable, leave no bytes behind', () => {
  const { contents, placesOf, add, fold } = smallContents();
  const chunks: number[] = [];
  const note = ({ text: textPlace, json, edits }: ContentPlaces): void => {
    chunks.push(...[textPlace, json, edits === 0xff_ff_ff_ff ? 0 : edits].map((place) => place >>> 16));
  };
  for (let seq = 1; seq <= 200; seq++) {
    add(seq, { ...numbered(seq), prompt: 'Word Of '.repeat(10) });
    note(placesOf(seq));
    fold(seq);
    note(placesOf(seq));
    contents.remove(seq, placesOf(seq));
    add(seq, { ...numbered(seq), prompt: 'Word Of '.repeat(10) });
    contents.remove(seq, placesOf(seq));
  }
  // Numbers of chunks that were given back are used again.
  expect(Math.max(...chunks)).toBeLessThan(5);
});

test('whatever is added, made searchable and removed, each record is read as it is, and exactly those that are searchable are found', () => {
  const step = fc.record({ kind: fc.constantFrom('add', 'add', 'fold', 'remove'), seq: fc.nat(30) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const { contents, placesOf, add, fold } = smallContents();
      const state = new Map<number, 'new' | 'searchable'>();
      const recordOf = (seq: number): NewRecord =>
        seq % 3 === 0
          ? event(String(seq), 'Opened', { note: `Word Of ${seq}` })
          : { ...numbered(seq), prompt: `Word\nOf ${seq}`, generation: seq % 5 === 0 ? 'İ' : `To\n${seq}` };
      for (const { kind, seq } of steps) {
        if (kind === 'add' && !state.has(seq + 1)) {
          add(seq + 1, recordOf(seq + 1));
          state.set(seq + 1, 'new');
        } else if (kind === 'fold' && state.get(seq + 1) === 'new') {
          fold(seq + 1);
          state.set(seq + 1, 'searchable');
        } else if (kind === 'remove' && state.delete(seq + 1)) contents.remove(seq + 1, placesOf(seq + 1));
      }
      for (const seq of state.keys())
        expect(contents.read(seq, placesOf(seq))).toEqual({ ...recordOf(seq), seq });
      const found: number[] = [];
      contents.findText('word of', (seq) => found.push(seq));
      const searchable = [...state].flatMap(([seq, kind]) => (kind === 'searchable' ? [seq] : []));
      expect(found.toSorted((a, b) => a - b)).toEqual(searchable.toSorted((a, b) => a - b));
    }),
    { numRuns: 300 },
  );
});

test('prompt and answer are kept once, as searched text, and not in the JSON', () => {
  const { contents } = smallContents();
  const short = { ...numbered(1), seq: 1, prompt: 'a', generation: 'b' };
  const { jsonLength } = contents.add(short);
  const long = 'word '.repeat(50).trim();
  expect(contents.add({ ...short, prompt: long }).jsonLength).toBe(jsonLength);
  expect(contents.add({ ...short, generation: long }).jsonLength).toBe(jsonLength);
});

test('a record whose fields are the first ones of the record before has no others', () => {
  const { contents } = smallContents();
  const shorter = { seq: 2, ...numbered(1) };
  contents.add({ ...shorter, seq: 1, latency: 2 });
  const line = new JsonBuffer();
  contents.writeJson(contents.add(shorter), line);
  expect(line.bytes.toString()).toBe(JSON.stringify(shorter));
});
