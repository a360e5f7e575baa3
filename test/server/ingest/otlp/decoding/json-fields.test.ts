import { expect, test } from 'vitest';
import { toId } from '../../../../../src/server/ingest/otlp/decoding/json-fields.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');

test.each([
  [TRACE, 32, TRACE],
  [TRACE.toUpperCase(), 32, TRACE],
  [base64(TRACE), 32, TRACE],
  [SPAN, 16, SPAN],
  [base64(SPAN), 16, SPAN],
  ['+/+/+/+/+/8=', 16, 'fbffbffbffbffbff'],
] as const)('the id %s of %i digits is %s', (id, length, expected) => {
  expect(toId(id, length)).toBe(expected);
});

test.each([
  ['', 16],
  ['0'.repeat(16), 16],
  ['0'.repeat(32), 32],
  [base64('0'.repeat(16)), 16],
  ['g'.repeat(16), 16],
  [SPAN, 32],
  [TRACE, 16],
  [base64(SPAN).replace('=', '!'), 16],
  ['=====' + '='.repeat(7), 16],
  ['A'.repeat(12), 16],
  [1, 16],
] as const)('%j is no id of %i digits', (id, length) => {
  expect(toId(id, length)).toBeUndefined();
});
