import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8Length } from '../../../src/delivery/queue/encode-entry.js';

test('utf8Length agrees with TextEncoder for texts that are longer than its scratch space', () => {
  for (const unit of ['x', 'é', '漢', '😀', '\ud800', 'ab😀']) {
    for (const length of [5_000, 16_383, 16_384, 50_001]) {
      const text = unit.repeat(length);
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
    }
  }
});

test('utf8Length agrees with TextEncoder for every text, lone surrogates included', () => {
  const anyUnits = fc
    .array(fc.integer({ min: 0, max: 0xffff }))
    .map((units) => String.fromCharCode(...units));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), anyUnits), (text) => {
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
    }),
  );
});
