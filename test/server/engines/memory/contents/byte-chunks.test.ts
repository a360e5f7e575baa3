import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteChunks, type Place } from '../../../../../src/server/engines/memory/contents/byte-chunks.js';

/** Writes a text in its place, as the caller of `open()` does, if there is room. */
function write(chunks: ByteChunks, owner: number, text: string): Place {
  const { bytes, used } = chunks.open();
  const given = Buffer.from(text);
  if (used + given.length >= bytes.length) return chunks.addBytes(owner, given);
  return chunks.close(owner, used + given.copy(bytes, used));
}

function useChunks(chunkBytes: number) {
  const places = new Map<number, Place>();
  const chunks = new ByteChunks({ chunkBytes, onMove: (owner, place) => places.set(owner, place) });
  return { places, chunks };
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom('', 'a', 'aa', 'aaa', 'é', '日本', 'x'.repeat(300)),
);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ added: text, isWritten: fc.boolean() }) },
  { weight: 2, arbitrary: fc.nat(60).map((removed) => ({ removed })) },
);

test('whatever is added and removed, what is left is read and found, and holes do not grow without bound', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 150 }),
      fc.constantFrom('a', 'aa', 'é', '本', 'xx'),
      (steps, wanted) => {
        const { places, chunks } = useChunks(64);
        const texts = new Map<number, string>();
        let owner = 0;
        for (const change of steps)
          if ('added' in change) {
            texts.set(++owner, change.added);
            const place = change.isWritten
              ? write(chunks, owner, change.added)
              : chunks.add(owner, change.added);
            places.set(owner, place);
          } else if (texts.delete(change.removed)) {
            chunks.remove(places.get(change.removed) ?? 0);
            places.delete(change.removed);
          }
        for (const [id, expected] of texts) expect(chunks.read(places.get(id) ?? 0)).toBe(expected);
        const found: number[] = [];
        chunks.find(Buffer.from(wanted), (id) => found.push(id));
        const expected = [...texts].filter(([, value]) => value.includes(wanted)).map(([id]) => id);
        expect(found.toSorted((a, b) => a - b)).toEqual(expected);
        const live = [...texts.values()].reduce((sum, value) => sum + Buffer.byteLength(value) + 1, 0);
        // Holes, the ends of chunks that a text did not fit into, and two chunks in use.
        expect(chunks.capacity).toBeLessThanOrEqual(4 * live + 3 * 1000);
      },
    ),
    { numRuns: 500 },
  );
});

test('a match tells the byte after it, and nothing is found across two texts', () => {
  const { chunks } = useChunks(1000);
  for (const [index, value] of ['n:1,', 'n:12', 'n:', '1'].entries()) chunks.add(index + 1, value);
  const found: [number, string][] = [];
  chunks.find(Buffer.from('n:1'), (owner, bytes, end) =>
    found.push([owner, String.fromCharCode(bytes[end] ?? 0)]),
  );
  expect(found).toEqual([
    [1, ','],
    [2, '2'],
  ]);
});

test('when the oldest texts are removed again and again, the memory stays the same', () => {
  const { places, chunks } = useChunks(10_000);
  let most = 0;
  for (let owner = 1; owner <= 20_000; owner++) {
    places.set(owner, chunks.add(owner, `text number ${owner}`));
    if (owner > 1000) chunks.remove(places.get(owner - 1000) ?? 0);
    if (owner > 2000) most = Math.max(most, chunks.capacity);
  }
  expect(most).toBeLessThanOrEqual(50_000);
});
