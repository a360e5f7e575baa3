import { afterEach, expect, test, vi } from 'vitest';
import { randomUuid } from '../../../src/common/web/random-uuid.js';

afterEach(() => void vi.unstubAllGlobals());

test.each([
  ['a secure context', globalThis.crypto],
  ['a page over plain HTTP', { getRandomValues: crypto.getRandomValues.bind(crypto) }],
  ['a runtime without crypto', undefined],
])('UUIDs of %s have the form of version 4 and differ', (_title, crypto) => {
  vi.stubGlobal('crypto', crypto);
  const ids = Array.from({ length: 1_000 }, randomUuid);
  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids)
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});
