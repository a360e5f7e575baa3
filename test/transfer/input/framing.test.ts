import { expect, test } from 'vitest';
import { framingOf } from '../../../src/transfer/input/framing.js';

test.each([
  ['JSON lines', '{"a":1}\n{"b":2}\n', 'lines'],
  ['JSON lines after a byte order mark', '\uFEFF{"a":1}\n', 'lines'],
  ['JSON lines of which the first is broken', '{"a":\n{"b":2}\n{"c":3}\n', 'lines'],
  ['JSON lines of which the first is no JSON at all', 'hello\n{"b":2}\n', 'lines'],
  ['lines with a list each', '[{"a":1}]\n[{"b":2}]\n', 'lines'],
  ['a list in one line', '[{"a":1},{"b":2}]', 'lines'],
  ['a list that is longer than what is looked at', `[{"a":"${'x'.repeat(1000)}`, 'json'],
  ['a list with one element a line', '[\n{"a":1},\n{"b":2}\n]\n', 'json'],
  ['a list over many lines', '[\n  {\n    "a": 1\n  }\n]', 'json'],
  ['an object over many lines', '{\n  "data": [\n    {}\n  ]\n}', 'json'],
  ['an export to CSV', '\uFEFFid,kind,timestamp,received_at,user_id\r\n', 'csv'],
  ['nothing', '', 'lines'],
] as const)('%s is recognised by its beginning', (_name, text, framing) => {
  expect(framingOf(Buffer.from(text))).toBe(framing);
});

test('UTF-16 is recognised, and not read as something else', () => {
  expect(framingOf(Buffer.from('\uFEFF{"a":1}\n', 'utf16le'))).toBeUndefined();
});
