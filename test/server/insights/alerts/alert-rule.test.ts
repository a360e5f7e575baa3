import { describe, expect, test } from 'vitest';
import { parseRule } from '../../../../src/server/insights/alerts/alert-rule.js';

const RULE = { measure: 'cost', by: 'organization', window: '24h', above: 5 };

describe('a rule of an alert', () => {
  test('is read with its defaults', () => {
    expect(parseRule('spend', RULE)).toEqual({
      name: 'spend',
      title: 'spend',
      measure: 'cost',
      measureName: 'cost',
      by: 'organization',
      byName: 'organization',
      filters: '',
      window: '24h',
      windowMs: 86_400_000,
      threshold: { above: 5 },
      minimum: 1,
      holdMs: 300_000,
      isPaused: false,
    });
    const other = { measure: 'prop.score:mean', window: '1m', below: 0.5, hold: '0s', minimum: 20 };
    expect(parseRule('x', { ...other, title: 'Scores', filters: 'segment=pro&not.model=a' })).toMatchObject({
      title: 'Scores',
      measure: { property: 'score', of: 'mean' },
      by: undefined,
      threshold: { below: 0.5 },
      holdMs: 0,
      minimum: 20,
    });
  });

  test.each([
    [null, 'must be an object'],
    [[RULE], 'must be an object'],
    [{ ...RULE, treshold: 1 }, 'no field "treshold"'],
    [{ ...RULE, measure: 'money' }, 'no measure "money"'],
    [{ ...RULE, measure: undefined }, 'no measure ""'],
    [{ ...RULE, by: 'thread' }, '"by" of a rule'],
    [{ ...RULE, by: 'nothing' }, '"by" of a rule'],
    [{ ...RULE, window: '30s' }, '"window" of a rule'],
    [{ ...RULE, window: '91d' }, '"window" of a rule'],
    [{ ...RULE, window: 'week' }, '"window" of a rule'],
    [{ ...RULE, window: 60 }, '"window" of a rule'],
    [{ ...RULE, hold: '8d' }, '"hold" of a rule'],
    [{ ...RULE, above: '5' }, '"above" or as "below"'],
    [{ ...RULE, above: Infinity }, '"above" or as "below"'],
    [{ ...RULE, above: undefined }, '"above" or as "below"'],
    [{ ...RULE, below: 3 }, '"above" or as "below"'],
    [{ ...RULE, minimum: -1 }, '"minimum" of a rule'],
    [{ ...RULE, minimum: 1.5 }, '"minimum" of a rule'],
    [{ ...RULE, filters: 'since=3d' }, '"since" is no filter'],
    [{ ...RULE, filters: 'usr=ada' }, '"usr" is no filter'],
  ])('%j is refused', (value, message) => {
    expect(() => parseRule('x', value)).toThrow(message);
  });
});
