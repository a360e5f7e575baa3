import { expect, test } from 'vitest';
import type { SpoolItem } from '../../../src/delivery/model/spool.js';
import { ERASED, erasureOf, fromLine, toLine } from '../../../src/node/spool/line.js';

const item = (json: string, fields: Partial<SpoolItem> = {}): SpoolItem => ({
  json,
  bytes: Buffer.byteLength(json),
  acceptedAtMs: 5,
  sequence: 7,
  ...fields,
});
const read = (line: string) => fromLine(line.slice(0, -1));

test.each(['{"a":1}', '"é漢"', '{\n"a": 1}', '"x"'])(
  'an entry %j comes out of its line as it went in',
  (json) => {
    const line = toLine(item(json));
    expect(line.split('\n')).toHaveLength(2);
    expect(read(line)).toEqual(item(json));
  },
);

test('a time is written as a whole number of milliseconds from 1970 on', () => {
  expect(read(toLine(item('{}', { acceptedAtMs: 1.6 })))).toMatchObject({ acceptedAtMs: 2 });
  expect(read(toLine(item('{}', { acceptedAtMs: -5 })))).toMatchObject({ acceptedAtMs: 0 });
});

test('a line that is torn, changed or of another kind has no entry', () => {
  const line = toLine(item('{"a":1}')).slice(0, -1);
  for (let length = 0; length < line.length; length += 1)
    expect(fromLine(line.slice(0, length))).toBeUndefined();
  expect(fromLine(line.replace('"a":1', '"a":2'))).toBeUndefined();
  expect(fromLine(line.replace('"v":1', '"v":2'))).toBeUndefined();
  expect(fromLine(`${line.slice(0, -1)} `)).toBeUndefined();
});

test('a quoted entry must be a text', () => {
  const quoted = toLine(item('{\n}')).slice(0, -1);
  expect(fromLine(quoted)).toMatchObject({ json: '{\n}' });
  const crcOf5 = toLine(item('5')).match(/"c":(\d+)/)?.[1];
  expect(fromLine(`{"v":1,"n":1,"t":1,"c":${crcOf5},"s":5}`)).toBeUndefined();
});

test.each(['{"secret":"é"}', '{\n}', '""'])(
  'an entry %j that is erased leaves a line without it that is as long as before',
  (json) => {
    const line = toLine(item(json)).slice(0, -1);
    const erasure = erasureOf(line);
    const bytes = Buffer.from(line);
    erasure?.bytes.copy(bytes, erasure.at);
    expect(erasure?.sequence).toBe(7);
    expect(bytes.byteLength).toBe(Buffer.byteLength(line));
    expect(fromLine(bytes.toString())).toBe(ERASED);
    expect(erasureOf('damaged')).toBeUndefined();
  },
);
