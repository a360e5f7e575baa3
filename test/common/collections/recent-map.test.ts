import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { RecentMap } from '../../../src/common/collections/recent-map.js';

const OPERATION = fc.oneof(
  fc.record({ type: fc.constant('set'), key: fc.nat(8) }),
  fc.record({ type: fc.constant('delete'), key: fc.nat(8) }),
);

test('the entries that were set last are kept in any order of calls, and each forgotten one is told once', () => {
  fc.assert(
    fc.property(fc.array(OPERATION, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (calls, maxSize) => {
      const forgotten: string[] = [];
      const map = new RecentMap<number, string>(maxSize, (value) => forgotten.push(value));
      let model: [number, string][] = [];
      const forgottenByModel: string[] = [];
      for (const [at, { type, key }] of calls.entries()) {
        model = model.filter(([known]) => known !== key);
        if (type === 'delete') map.delete(key);
        else {
          map.set(key, `value ${at}`);
          model.push([key, `value ${at}`]);
          if (model.length > maxSize) forgottenByModel.push(...model.splice(0, 1).map(([, value]) => value));
        }
        const expected = new Map(model);
        for (let any = 0; any <= 8; any += 1) {
          expect(map.get(any)).toBe(expected.get(any));
          expect(map.has(any)).toBe(expected.has(any));
        }
        expect(map.size).toBe(model.length);
      }
      expect(forgotten).toEqual(forgottenByModel);
    }),
  );
});

test('the oldest entries are found by one walk over them, not by one walk for each', () => {
  const walks = vi.spyOn(Map.prototype, 'entries');
  const map = new RecentMap<number, string>(100);
  for (let key = 0; key < 1_000; key += 1) map.set(key, 'value');
  const count = walks.mock.calls.length;
  walks.mockRestore();
  expect(count).toBeLessThanOrEqual(11);
  expect([map.size, map.has(899), map.has(900)]).toEqual([100, false, true]);
});
