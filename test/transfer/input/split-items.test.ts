import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitJson, splitLines, type RawItem } from '../../../src/transfer/input/split-items.js';
import { splitCsv } from '../../../src/transfer/input/split-csv.js';

/** The bytes of a text in chunks of these sizes, again and again. */
async function* chunks(text: string, sizes: readonly number[]): AsyncGenerator<Buffer, void> {
  const bytes = Buffer.from(text);
  for (let [at, turn] = [0, 0]; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function collect<T>(items: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const some of items) all.push(...some);
  return all;
}

function valuesOf(items: readonly RawItem[]): unknown[] {
  return items.map(({ text }) => JSON.parse(text ?? '"too long"') as unknown);
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const objects = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), { maxLength: 8 });

test('lines are found and counted however their bytes are divided', async () => {
  await fc.assert(
    fc.asyncProperty(objects, sizes, fc.constantFrom('\n', '\r\n', '\n\n'), async (values, pieces, end) => {
      const text = values.map((value) => JSON.stringify(value) + end).join('');
      const items = await collect(splitLines(chunks(text, pieces), 'f'));
      expect(valuesOf(items)).toEqual(JSON.parse(JSON.stringify(values)));
      const step = end === '\n\n' ? 2 : 1;
      expect(items.map(({ place }) => place.number)).toEqual(values.map((_, at) => at * step + 1));
    }),
  );
});

test('elements of a list, and values one after the other, are found however they are laid out', async () => {
  const layouts = fc.constantFrom(
    (values: unknown[]) => JSON.stringify(values),
    (values: unknown[]) => JSON.stringify(values, null, 2),
    (values: unknown[]) => values.map((value) => JSON.stringify(value, null, 1)).join('\n'),
    (values: unknown[]) => `\uFEFF [${values.map((value) => JSON.stringify(value)).join(',\n')}]\n`,
    (values: unknown[]) => values.map((value) => `[${JSON.stringify(value)}]`).join('\n'),
    (values: unknown[]) =>
      `${JSON.stringify(values.slice(0, 2))} ${values
        .slice(2)
        .map((value) => JSON.stringify(value))
        .join(' ')}`,
  );
  await fc.assert(
    fc.asyncProperty(objects, sizes, layouts, async (values, pieces, layOut) => {
      const items = await collect(splitJson(chunks(layOut(values), pieces), 'f'));
      expect(valuesOf(items)).toEqual(JSON.parse(JSON.stringify(values)));
      expect(items.map(({ place }) => place.number)).toEqual(values.map((_, at) => at + 1));
    }),
  );
});

test('a last line without a line break is a line', async () => {
  const items = await collect(splitLines(chunks('{"a":1}\n\n{"b":2}', [4]), 'f'));
  expect(items.map(({ text, place }) => [text, place.number])).toEqual([
    ['{"a":1}', 1],
    ['{"b":2}', 3],
  ]);
});

test('a line or an element above the limit is counted without its text, and the next one is whole', async () => {
  const long = { text: 'x'.repeat(500) };
  for (const items of [
    await collect(splitLines(chunks(`${JSON.stringify(long)}\n{"a":1}\n`, [7]), 'f', 100)),
    await collect(splitJson(chunks(JSON.stringify([long, { a: 1 }]), [7]), 'f', 100)),
  ])
    expect(items.map(({ text }) => text)).toEqual([undefined, '{"a":1}']);
});

test('a list that ends early yields its last element as it stands', async () => {
  const items = await collect(splitJson(chunks('[{"a":1},{"b":', [5]), 'f'));
  expect(items.map(({ text }) => text)).toEqual(['{"a":1}', '{"b":']);
});

test('cells of CSV are found however they are quoted and divided', async () => {
  const cell = fc.oneof(fc.string(), fc.stringMatching(/^[",\r\n a]{0,8}$/), fc.string({ unit: 'grapheme' }));
  const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(rows, sizes, async (table, pieces) => {
      const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
      const text = table.map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
      const read = await collect(splitCsv(chunks(text, pieces), 'f'));
      expect(read.map(({ cells }) => cells)).toEqual(table);
    }),
  );
});
