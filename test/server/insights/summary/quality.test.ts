import { expect, test } from 'vitest';
import { measuredPair } from '../../../../src/server/insights/summary/measured.js';
import { QUALITY_MEASURES, qualityOf } from '../../../../src/server/insights/summary/quality.js';

interface Side {
  readonly requests: number;
  readonly errors?: number;
  readonly rated?: number;
  readonly bad?: number;
  readonly latency?: number;
  /** Of one call. */
  readonly cost?: number;
}

function sideOf({ requests, errors = 0, rated = 0, bad = 0, latency, cost }: Side) {
  const [latencyN, calls] = [latency === undefined ? 0 : requests, cost === undefined ? 0 : requests];
  return {
    values: [
      requests,
      errors / requests,
      rated === 0 ? null : bad / rated,
      latency ?? null,
      cost === undefined ? null : cost * requests,
      calls,
    ],
    n: [null, requests, rated, latencyN, calls, null],
  };
}

function risen(now: Side, before: Side | undefined) {
  return qualityOf(measuredPair(QUALITY_MEASURES, sideOf(now), before && sideOf(before))).risen;
}

test('what rose by more than chance is said, and what rose by chance is not', () => {
  expect(risen({ requests: 400, errors: 40 }, { requests: 400, errors: 8 })).toEqual(['errorRate']);
  expect(risen({ requests: 400, errors: 10 }, { requests: 400, errors: 8 })).toEqual([]);
  expect(risen({ requests: 400, errors: 8 }, { requests: 400, errors: 40 })).toEqual([]);
  expect(risen({ requests: 90, rated: 40, bad: 20 }, { requests: 90, rated: 40, bad: 4 })).toEqual([
    'badShare',
  ]);
});

test('of a latency and of the cost of a call, a tenth counts as risen', () => {
  const before: Side = { requests: 50, latency: 2, cost: 0.01 };
  expect(risen({ requests: 50, latency: 2.2, cost: 0.0109 }, before)).toEqual(['latencyP95']);
  expect(risen({ requests: 50, latency: 2.19, cost: 0.011 }, before)).toEqual(['costPerCall']);
});

test('nothing is said to have risen by fewer than twenty requests on a side, or beside nothing', () => {
  const many: Side = { requests: 500, errors: 1, latency: 1, cost: 1 };
  const few: Side = { requests: 19, errors: 19, latency: 9, cost: 9 };
  expect([risen(few, many), risen(many, few), risen({ ...few, requests: 20 }, many)]).toEqual([
    [],
    [],
    ['errorRate', 'latencyP95', 'costPerCall'],
  ]);
  expect(risen({ ...few, requests: 100 }, undefined)).toEqual([]);
});
