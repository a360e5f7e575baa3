import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseResponse } from '../../../src/delivery/sending/outcome.js';
import { bisectBatch, classify } from '../../../src/delivery/sending/verdict.js';

function actionFor(status: number): string {
  const verdict = classify(parseResponse({ status }), 0);
  return verdict.action === 'drop' ? verdict.reason : verdict.action;
}

test.each([
  ['deliver', [200, 201, 202, 204, 206]],
  ['retry', [408, 425, 429, 500, 502, 503, 504, 520, 599]],
  ['unauthorized', [401, 403]],
  ['split', [413]],
  ['bisect', [400, 422]],
  ['redirect', [0, 301, 302, 303, 304, 307, 308]],
  ['http_error', [100, 402, 404, 405, 409, 410, 501, 505, 600, -1, Number.NaN]],
])('A response gets the verdict %s for the statuses %j', (action, statuses) => {
  expect(statuses.map(actionFor)).toEqual(statuses.map(() => action));
});

test('A failed connection and a timeout are retried', () => {
  expect(classify({ type: 'failed', error: 'ECONNREFUSED' }, 0)).toMatchObject({
    action: 'retry',
    scope: 'destination',
  });
  expect(classify({ type: 'timed-out', afterMs: 5 }, 0)).toMatchObject({ action: 'retry', scope: 'kind' });
});

/** Sends a batch to a server that refuses it when it holds a bad item, and goes on until all is decided. */
function simulate(items: readonly number[], isBad: (item: number) => boolean, namesIndexes: boolean) {
  const delivered: number[] = [];
  const dropped: number[] = [];
  let requests = 0;
  const pending = [items];
  while (pending.length > 0) {
    const batch = pending.shift() ?? [];
    requests++;
    const rejected = [...batch.keys()].filter((index) => isBad(batch[index] as number));
    if (rejected.length === 0) {
      delivered.push(...batch);
      continue;
    }
    const { bad, retry } = bisectBatch(batch, namesIndexes ? rejected : []);
    dropped.push(...bad);
    pending.push(...retry);
  }
  return { delivered, dropped, requests };
}

test('bisectBatch finds one bad item among 100 in at most 15 requests, wherever it is', () => {
  const items = [...Array(100).keys()];
  for (const bad of items) {
    const { delivered, dropped, requests } = simulate(items, (item) => item === bad, false);
    expect(dropped).toEqual([bad]);
    expect(delivered).toHaveLength(99);
    expect(requests).toBeLessThanOrEqual(15);
  }
});

test('bisectBatch needs one more request if the response names the bad items', () => {
  const items = [...Array(100).keys()];
  const { dropped, requests } = simulate(items, (item) => item % 10 === 7, true);
  expect(dropped).toHaveLength(10);
  expect(requests).toBe(2);
});

test('bisectBatch drops exactly the bad items of any batch', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 120 }),
      fc.boolean(),
      (bad, namesIndexes) => {
        const items = [...bad.keys()];
        const { delivered, dropped } = simulate(items, (item) => bad[item] === true, namesIndexes);
        expect(dropped.sort((a, b) => a - b)).toEqual(items.filter((item) => bad[item]));
        expect(delivered.sort((a, b) => a - b)).toEqual(items.filter((item) => !bad[item]));
      },
    ),
  );
});

test('bisectBatch halves a batch if the rejected indexes lie outside it', () => {
  expect(bisectBatch(['a', 'b'], [2, -1])).toEqual({ bad: [], retry: [['a'], ['b']] });
});
