import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { sha256 } from '../../../src/common/sha256.js';

const actual = new TextEncoder();
afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** Loads the module as it is in a runtime with or without `TextEncoder`. */
async function load(encoder: typeof TextEncoder | undefined) {
  vi.stubGlobal('TextEncoder', encoder);
  return import('../../../src/common/web/utf8.js');
}

describe.each([
  ['with TextEncoder', TextEncoder],
  ['without TextEncoder', undefined],
])('%s', (_title, encoder) => {
  test('texts that are longer than the scratch space have the bytes and the length of UTF-8', async () => {
    const { encodeUtf8, utf8Length } = await load(encoder);
    for (const unit of ['x', 'é', '漢', '😀', '\ud800', 'ab😀']) {
      for (const length of [5_000, 16_383, 16_384, 50_001]) {
        const text = unit.repeat(length);
        expect(utf8Length(text)).toBe(actual.encode(text).length);
        expect(Buffer.compare(encodeUtf8(text), actual.encode(text))).toBe(0);
      }
    }
  });

  test('every text has the bytes and the length of UTF-8, lone surrogates included', async () => {
    const { encodeUtf8, utf8Length } = await load(encoder);
    const anyUnits = fc
      .array(fc.integer({ min: 0, max: 0xffff }))
      .map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), anyUnits), (text) => {
        expect(utf8Length(text)).toBe(actual.encode(text).length);
        expect(Buffer.compare(encodeUtf8(text), actual.encode(text))).toBe(0);
      }),
    );
  });
});

test('the hash of a user is the same without TextEncoder', async () => {
  const expected = sha256('Größe 😀');
  vi.resetModules();
  vi.stubGlobal('TextEncoder', undefined);
  const other = await import('../../../src/common/sha256.js');
  expect(other.sha256('Größe 😀')).toBe(expected);
});
