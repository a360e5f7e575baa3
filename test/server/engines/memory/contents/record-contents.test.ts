import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonBuffer } from '../../../../../src/server/engines/memory/contents/json-buffer.js';
import {
  RecordContents,
  type ContentPlaces,
} from '../../../../../src/server/engines/memory/contents/record-contents.js';
import type { StoredRecord } from '../../../../../src/server/index.js';
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
