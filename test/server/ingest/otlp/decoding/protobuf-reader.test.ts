import { describe, expect, test } from 'vitest';
import {
  ProtobufError,
  ProtobufReader,
} from '../../../../../src/server/ingest/otlp/decoding/protobuf-reader.js';

const [VARINT, FIXED64, LENGTH, GROUP_START, GROUP_END, FIXED32] = [0, 1, 2, 3, 4, 5] as const;
const tag = (field: number, wireType: number): number[] => varint(BigInt(field * 8 + wireType));

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0));
    left >>= 7n;
  } while (left > 0n);
  return bytes;
}
const chunk = (bytes: readonly number[]): number[] => [...varint(BigInt(bytes.length)), ...bytes];
const text = (value: string): number[] => chunk([...Buffer.from(value)]);
const fixed64 = (value: bigint): number[] => [...new Uint8Array(new BigUint64Array([value]).buffer)];
const readerOf = (...parts: readonly number[][]) => new ProtobufReader(Uint8Array.from(parts.flat()));

test('fields are read in order, and 0 ends the message', () => {
  const reader = readerOf(
    tag(1, LENGTH),
    text('ä'),
    tag(2_000, VARINT),
    [5],
    tag(3, LENGTH),
    chunk([0xab, 0x01]),
  );
  expect([reader.next(), reader.text()]).toEqual([1, 'ä']);
  expect([reader.next(), reader.uint()]).toEqual([2_000, 5]);
  expect([reader.next(), reader.hex()]).toEqual([3, 'ab01']);
  expect([reader.next(), reader.next()]).toEqual([0, 0]);
});

test('bytes within a larger buffer are read alone', () => {
  const bytes = Uint8Array.from([0xff, ...tag(1, VARINT), 7, 0xff]);
  const reader = new ProtobufReader(bytes.subarray(1, 3));
  expect([reader.next(), reader.uint(), reader.next()]).toEqual([1, 7, 0]);
});

test.each([0n, 1n, 127n, 128n, -1n, 2n ** 53n - 1n, 2n ** 62n, -(2n ** 63n), -300n])(
  'the signed integer %d is read as the nearest number',
  (value) => {
    const reader = readerOf(tag(1, VARINT), varint(value), tag(2, VARINT), [1]);
    reader.next();
    expect(reader.int64()).toBe(Number(value));
    expect([reader.next(), reader.uint()]).toEqual([2, 1]);
  },
);

test.each([1n, 999_999_999n, 1_767_323_045_123_456_789n, 2n ** 64n - 1n])('the time %d is exact', (ns) => {
  const reader = readerOf(tag(1, FIXED64), fixed64(ns));
  reader.next();
  expect(reader.time()).toEqual([Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)]);
});

test('the time 0 is unknown, and numbers have eight bytes', () => {
  const double = [...new Uint8Array(new Float64Array([-1.5]).buffer)];
  const reader = readerOf(tag(1, FIXED64), fixed64(0n), tag(2, FIXED64), double);
  reader.next();
  expect(reader.time()).toBeUndefined();
  expect([reader.next(), reader.double()]).toEqual([2, -1.5]);
});

test('a message is entered and left, whatever was read of it', () => {
  const inner = [...tag(1, VARINT), 9, ...tag(2, LENGTH), ...text('rest')];
  const reader = readerOf(tag(5, LENGTH), chunk(inner), tag(6, VARINT), [1]);
  reader.next();
  const outer = reader.enter();
  expect([reader.next(), reader.uint()]).toEqual([1, 9]);
  const { end } = reader;
  reader.leave(outer, end);
  expect([reader.next(), reader.uint(), reader.next()]).toEqual([6, 1, 0]);
});

test('nothing is read beyond the end of a message that was entered', () => {
  const reader = readerOf(tag(5, LENGTH), chunk([...tag(1, LENGTH), 50, 1, 2]), tag(6, VARINT), [1]);
  reader.next();
  const outer = reader.enter();
  reader.next();
  expect(() => reader.text()).toThrow(ProtobufError);
  reader.leave(outer);
  expect([reader.next(), reader.uint()]).toEqual([6, 1]);
});

describe('a field of another wire type', () => {
  const other = [...tag(1, VARINT), 3];
  const bytes = [...tag(1, LENGTH), ...text('x')];
  test.each<[string, number[], (reader: ProtobufReader) => unknown, unknown]>([
    ['a text', other, (reader) => reader.text(), ''],
    ['a key', other, (reader) => reader.key(), ''],
    ['bytes', other, (reader) => reader.hex(), ''],
    ['an integer', bytes, (reader) => reader.uint(), 0],
    ['a signed integer', bytes, (reader) => reader.int64(), 0],
    ['a number', bytes, (reader) => reader.double(), 0],
    ['a time', bytes, (reader) => reader.time(), undefined],
  ])('is skipped and has the default of %s', (_, field, read, expected) => {
    const reader = readerOf(field, tag(2, VARINT), [1]);
    reader.next();
    expect(read(reader)).toBe(expected);
    expect([reader.next(), reader.uint()]).toEqual([2, 1]);
  });

  test('is an empty message where a message is expected', () => {
    const reader = readerOf(other, tag(2, VARINT), [1]);
    reader.next();
    const outer = reader.enter();
    expect(reader.next()).toBe(0);
    reader.leave(outer);
    expect([reader.next(), reader.uint()]).toEqual([2, 1]);
  });
});

test('every wire type can be skipped, also nested groups', () => {
  const group = [...tag(9, GROUP_START), ...tag(1, GROUP_START), ...tag(1, GROUP_END), ...tag(2, VARINT), 1];
  const reader = readerOf(
    [...tag(1, VARINT), 0x80, 1],
    [...tag(2, FIXED64), ...fixed64(1n)],
    [...tag(3, LENGTH), ...text('abc')],
    [...tag(4, FIXED32), 1, 2, 3, 4],
    [...group, ...tag(9, GROUP_END)],
    [...tag(6, VARINT), 1],
  );
  const fields: number[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    fields.push(field);
    reader.skip();
  }
  expect(fields).toEqual([1, 2, 3, 4, 9, 6]);
});

const nested = (depth: number): number[] => [
  ...Array.from({ length: depth }, () => tag(1, GROUP_START)).flat(),
  ...Array.from({ length: depth }, () => tag(1, GROUP_END)).flat(),
];

test.each<[string, number[]]>([
  ['a varint of eleven bytes', [...tag(1, VARINT), ...Array.from({ length: 10 }, () => 0xff), 1]],
  ['a varint that is cut short', [...tag(1, VARINT), 0x80]],
  ['a number that is cut short', [...tag(1, FIXED64), 1, 2, 3]],
  ['four bytes that are cut short', [...tag(1, FIXED32), 1, 2, 3]],
  ['a text that is cut short', [...tag(1, LENGTH), 3, 1]],
  ['a group without end', [...tag(1, GROUP_START), ...tag(2, VARINT), 1]],
  ['the end of a group that did not begin', tag(1, GROUP_END)],
  ['an unknown wire type', tag(1, 6)],
  ['groups that are nested 33 times', nested(33)],
])('%s is refused', (_, bytes) => {
  const reader = readerOf(bytes);
  expect(() => {
    reader.next();
    reader.skip();
  }).toThrow(ProtobufError);
});

test('a varint that is cut short at the end of a message does not go on after it', () => {
  const reader = readerOf(tag(5, LENGTH), chunk([...tag(1, VARINT), 0x80]), [1]);
  reader.next();
  reader.enter();
  reader.next();
  expect(() => reader.uint()).toThrow(ProtobufError);
});

test('the field number 0 is refused', () => {
  expect(() => readerOf([0, 1]).next()).toThrow(ProtobufError);
});

test('groups that are nested 32 times are skipped', () => {
  const reader = readerOf(nested(32), tag(2, VARINT), [1]);
  reader.next();
  reader.skip();
  expect(reader.next()).toBe(2);
});

test('keys are right however often and in whatever order they are repeated', () => {
  const names = [
    ...Array.from({ length: 3_000 }, (_, at) => `key-${at}`),
    '',
    'x'.repeat(64),
    'x'.repeat(65),
  ];
  const bytes = [...names, ...names.toReversed()].flatMap((name) => [...tag(1, LENGTH), ...text(name)]);
  const reader = readerOf(bytes);
  const read: string[] = [];
  while (reader.next() !== 0) read.push(reader.key());
  expect(read).toEqual([...names, ...names.toReversed()]);
});
