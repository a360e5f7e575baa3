import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteChunks, type Place } from '../../../../../src/server/engines/memory/contents/byte-chunks.js';
import { CountWriter } from '../../../../../src/server/engines/memory/contents/text-edits.js';

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
  chunks.find(Buffer.from('n:\u00001'), () => expect.unreachable());
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

/** Texts of 90 bytes in chunks of 1,000: ten a chunk, with the byte that ends each. */
function useTenPerChunk(count: number) {
  const { places, chunks } = useChunks(1_000);
  const textOf = (owner: number): string => String(owner).padEnd(90, '.');
  for (let owner = 1; owner <= count; owner += 1) places.set(owner, chunks.add(owner, textOf(owner)));
  const remove = (owner: number): void => {
    chunks.remove(places.get(owner) ?? 0);
    places.delete(owner);
  };
  const areRead = (): boolean => [...places].every(([owner, place]) => chunks.read(place) === textOf(owner));
  return { chunks, remove, areRead };
}

test('a chunk whose texts are all removed is given back, but not the one that is being filled', () => {
  const { chunks, remove, areRead } = useTenPerChunk(25);
  expect(chunks.capacity).toBe(3_000);
  for (let owner = 1; owner <= 10; owner += 1) remove(owner);
  expect(chunks.capacity).toBe(2_000);
  for (let owner = 21; owner <= 25; owner += 1) remove(owner);
  expect(chunks.capacity).toBe(2_000);
  expect(areRead()).toBe(true);
  // The one that is being filled is filled anew.
  for (let owner = 101; owner <= 120; owner += 1) chunks.add(owner, 'x'.repeat(90));
  expect(chunks.capacity).toBe(3_000);
});

test('an empty chunk that a long text does not fit into is given back, and its number is used again', () => {
  const { chunks } = useChunks(1_000);
  chunks.remove(chunks.add(1, 'x'));
  for (let more = 0; more < 100; more += 1) {
    const place = chunks.add(1, 'y'.repeat(2_000 + more));
    expect(place >>> 16).toBeLessThan(3);
    expect(chunks.capacity).toBeLessThan(3_000);
    chunks.remove(place);
  }
});

test('two texts of an owner lie beside each other, whatever their length, and have room for the byte between them', () => {
  const { chunks } = useChunks(100);
  for (let length = 0; length <= 130; length += 1) {
    const [first, second] = ['é'.repeat(length % 7), 'x'.repeat(length)];
    const place = chunks.addTwo(1, first, 0x7c, second);
    expect(chunks.read(place)).toBe(`${first}|${second}`);
  }
});

test('when half of the texts are removed all over, the others are moved together', () => {
  const { chunks, remove, areRead } = useTenPerChunk(100);
  expect(chunks.capacity).toBe(10_000);
  for (let owner = 1; owner <= 100; owner += 2) remove(owner);
  // 4,550 bytes are live, and holes may be half of them.
  expect(chunks.capacity).toBeLessThanOrEqual(8_000);
  expect(areRead()).toBe(true);
  for (let owner = 2; owner <= 80; owner += 2) remove(owner);
  expect(chunks.capacity).toBeLessThanOrEqual(4_000);
  expect(areRead()).toBe(true);
});

test('after everything was removed at once, the next texts need no more room than the first', () => {
  const { places, chunks } = useChunks(1_000);
  for (const round of [1, 2, 3]) {
    for (let owner = 1; owner <= 50; owner += 1) places.set(owner, chunks.add(owner, `${round}`.repeat(90)));
    expect(chunks.capacity).toBe(5_000);
    chunks.clear();
    expect(chunks.capacity).toBe(0);
  }
});

test('counts before a text take their room, so that nothing is cut at the end of a chunk', () => {
  const { chunks } = useChunks(24);
  const counts = (values: readonly number[]): CountWriter => {
    const writer = new CountWriter();
    for (const value of values) writer.add(value);
    return writer;
  };
  chunks.add(1, 'x'.repeat(10));
  const [first, second] = [counts([1, 2]), counts([3, 4, 5, 6, 7, 8])] as const;
  const bytes = chunks.bytesAt(chunks.add(2, 'aaaaaa', first, second));
  expect([...bytes]).toEqual([...first.bytes, ...second.bytes, ...Buffer.from('aaaaaa')]);
});

test('numbers of chunks are used again, and a chunk that is left empty is given back', () => {
  const { chunks } = useChunks(64);
  let place = chunks.add(1, 'x'.repeat(50));
  const capacity = chunks.capacity;
  for (let i = 0; i < 100; i++) {
    chunks.remove(place);
    place = chunks.add(1, 'x'.repeat(50));
    expect(place >>> 16).toBeLessThan(3);
    expect(chunks.capacity).toBe(capacity);
  }
});

/** Adds texts of 90 bytes, ten a chunk, and notes which are moved. */
function useMoves(count: number) {
  const moved: number[] = [];
  const chunks = new ByteChunks({ chunkBytes: 1_000, onMove: (owner) => void moved.push(owner) });
  const add = (owner: number): Place => chunks.add(owner, 'x'.repeat(90));
  const places = Array.from({ length: count }, (_, owner) => add(owner + 1));
  const remove = (owner: number): void => chunks.remove(places[owner - 1] ?? 0);
  return { chunks, moved, add, remove };
}

test('a chunk that is filled anew again and again leaves no holes for which other texts would be moved', () => {
  const { chunks, moved, add, remove } = useMoves(10);
  for (let round = 0; round < 50; round += 1) chunks.remove(add(11));
  remove(1);
  expect(moved).toEqual([]);
});

test('texts are not moved out of the chunk that is being filled, even if it has the largest holes', () => {
  const { moved, remove } = useMoves(19);
  for (const owner of [11, 12, 13, 14, 15, 16, 17, 18]) remove(owner);
  for (const owner of [1, 2, 3]) remove(owner);
  expect(moved).toEqual([4, 5, 6, 7, 8, 9, 10]);
});

test('a text longer than a chunk has room for the byte that ends it', () => {
  const { chunks } = useChunks(64);
  chunks.add(1, 'x'.repeat(100));
  expect(chunks.capacity).toBeGreaterThan(100);
});

test('nothing is found across two texts, whatever is looked for', () => {
  const { chunks } = useChunks(64);
  for (const [index, one] of ['a', 'b', 'a\0b'].entries()) chunks.add(index + 1, one);
  const found: number[] = [];
  chunks.find(Buffer.from('a\0b'), (owner) => found.push(owner));
  expect(found).toEqual([3]);
});

test('after clear(), holes are closed up as before', () => {
  const { places, chunks } = useChunks(64);
  for (let owner = 1; owner <= 200; owner++) places.set(owner, chunks.add(owner, 'x'.repeat(20)));
  chunks.clear();
  places.clear();
  expect(chunks.capacity).toBe(0);
  for (let owner = 1; owner <= 100; owner++) places.set(owner, chunks.add(owner, 'y'.repeat(20)));
  const capacity = chunks.capacity;
  for (let owner = 1; owner <= 100; owner++) if (owner % 4 !== 0) chunks.remove(places.get(owner) ?? 0);
  expect(chunks.capacity).toBeLessThan(capacity / 1.5);
});

test('a chunk takes as many texts as can be numbered, and the next one the others', () => {
  const { places, chunks } = useChunks(1024 * 1024);
  for (let owner = 1; owner <= 70_000; owner++) places.set(owner, chunks.add(owner, String(owner)));
  const wrong = [...places].filter(([owner, place]) => chunks.read(place) !== String(owner));
  expect(wrong).toEqual([]);
});
