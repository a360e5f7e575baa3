import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonBuffer } from '../../../../../src/server/engines/memory/contents/json-buffer.js';
import {
  RecordContents,
  type ContentPlaces,
} from '../../../../../src/server/engines/memory/contents/record-contents.js';
import type { NewRecord, StoredRecord } from '../../../../../src/server/index.js';
import { event, numbered } from '../../stored.js';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom('Say "Yes"\n\t\\o/', 'lone \ud83d', 'İ', 'e\u0301', '\x1f\x7f\u2028', ''),
);
const value = fc.oneof(text, fc.jsonValue());

test('whatever a record, its JSON is written as it is stringified, and its prompt begins as it does', () => {
  const contents = new RecordContents({ onMoveText: () => undefined, onMoveJson: () => undefined });
  fc.assert(
    fc.property(
      text,
      text,
      value,
      fc.boolean(),
      fc.boolean(),
      (prompt, generation, given, isEvent, isFirst) => {
        const properties = JSON.parse(JSON.stringify({ given, '"}],': given })) as StoredRecord['properties'];
        const record = {
          ...(isFirst && { properties, generation }),
          ...(isEvent ? event('7', 'Opened', properties) : { ...numbered(7), prompt, generation }),
          properties,
          threadId: undefined,
          [prompt || 'more']: generation,
          seq: 7,
        } as unknown as StoredRecord;
        const stored = contents.add(record);
        const places: ContentPlaces = { text: stored.text, json: stored.json };
        const line = new JsonBuffer();
        contents.writeJson(places, line);
        expect(line.bytes.toString()).toBe(JSON.stringify(record));
        expect(contents.read(7, places)).toEqual(JSON.parse(JSON.stringify(record)));
        const start = contents.readPromptStart(7, places, 5);
        expect(isEvent || start.slice(0, 5) === prompt.slice(0, 5)).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});

/** Contents in chunks of a few records, and the sequence numbers whose places have moved. */
function smallContents() {
  const places = new Map<number, { text: number; json: number }>();
  const moved: number[] = [];
  const contents = new RecordContents({
    chunkBytes: 600,
    onMoveText: (seq, place) => Object.assign(places.get(seq) ?? {}, { text: place }),
    onMoveJson: (seq, place) => {
      moved.push(seq);
      Object.assign(places.get(seq) ?? {}, { json: place });
    },
  });
  const add = (seq: number, record: NewRecord): void => {
    const { text: textPlace, json } = contents.add({ ...record, seq });
    places.set(seq, { text: textPlace, json });
  };
  const placesOf = (seq: number): ContentPlaces => {
    const found = places.get(seq);
    if (!found) throw new Error(`There is no record ${seq}.`);
    return found;
  };
  return { contents, placesOf, moved, add };
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
