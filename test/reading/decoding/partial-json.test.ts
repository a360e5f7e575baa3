import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePartialJson } from '../../../src/reading/decoding/partial-json.js';

describe('parsePartialJson', () => {
  test('parsePartialJson keeps the part of the last string that had arrived', () => {
    expect(parsePartialJson('[{"role":"user","parts":[{"type":"text","content":"What is the ca')).toEqual({
      value: [{ role: 'user', parts: [{ type: 'text', content: 'What is the ca' }] }],
      cut: true,
    });
  });

  test('parsePartialJson drops a member without a value, and a number that may have gone on', () => {
    expect(parsePartialJson('{"a":1,"b":')).toEqual({ value: { a: 1 }, cut: true });
    expect(parsePartialJson('{"a":1,"b":12')).toEqual({ value: { a: 1 }, cut: true });
    expect(parsePartialJson('{"a":tru')).toEqual({ value: {}, cut: true });
  });

  test('parsePartialJson reads NaN and Infinity of Python as null', () => {
    const text = '[{"score": NaN, "top": Infinity, "low": -Infinity, "n": -1.5, "text": "NaN"}]';
    const value = [{ score: null, top: null, low: null, n: -1.5, text: 'NaN' }];
    expect(parsePartialJson(text)).toEqual({ value, cut: false });
    expect(parsePartialJson('[Nothing here]')).toBeUndefined();
  });

  test('parsePartialJson rejects text that merely begins like JSON', () => {
    expect(parsePartialJson('{not json}')).toBeUndefined();
    expect(parsePartialJson('[sic] he said')).toBeUndefined();
    expect(parsePartialJson('{"a":1} and more')).toBeUndefined();
  });

  test('parsePartialJson does not cut an escape in half', () => {
    expect(parsePartialJson('["a\\u00e')).toEqual({ value: ['a'], cut: true });
    expect(parsePartialJson('["a\\')).toEqual({ value: ['a'], cut: true });
    expect(parsePartialJson('["\\u0041\\n')).toEqual({ value: ['A\n'], cut: true });
  });

  test('parsePartialJson reads every complete JSON text as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value);
        // A bare number at the end of the text could go on: only containers and strings are complete by themselves.
        fc.pre(text.startsWith('{') || text.startsWith('[') || text.startsWith('"'));
        fc.pre(!text.includes('__proto__'));
        expect(parsePartialJson(text)).toEqual({ value: JSON.parse(text), cut: false });
      }),
    );
  });

  test('parsePartialJson reads every beginning of a JSON text and reports the cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ role: fc.string(), content: fc.string() })),
        fc.nat(),
        (messages, at) => {
          const text = JSON.stringify(messages);
          const cutAt = 1 + (at % Math.max(1, text.length - 1));
          fc.pre(cutAt < text.length);
          const parsed = parsePartialJson(text.slice(0, cutAt));
          expect(parsed?.cut).toBe(true);
          expect(Array.isArray(parsed?.value)).toBe(true);
        },
      ),
    );
  });
});
