import { expect, test } from 'vitest';
import { numberText, thresholdText } from '../../../../src/server/insights/alerts/alert-texts.js';
import { kindOf } from '../../../../src/server/insights/compare/measure-kinds.js';
import { toFields, toRule } from '../../../../src/server/page/views/alerts/rule-fields.js';
import { MEASURE_NAMES } from '../../../../src/server/query/measure-request.js';

const shares = MEASURE_NAMES.filter((name) => kindOf(name) === 'share');

test.each(MEASURE_NAMES)('a rule over %s is called in words, in lower case', (measureName) => {
  const text = thresholdText({ measureName, byName: 'user', threshold: { above: 0.25 }, window: '1h' });
  expect(text).toMatch(/^[a-z]+(?: [a-z]+)*(?: \(\d+th percentile\))? by person above \S+(?: s)? in 1h$/);
});

test('a share is read and written in percent, and no other number is', () => {
  expect(shares).toContain('errorRate');
  for (const measure of [...MEASURE_NAMES, 'prop.score:mean', 'toString']) {
    const isShare = shares.some((share) => share === measure);
    const fields = toFields({ measure, above: 0.25, window: '1h' });
    expect([measure, numberText(measure, 0.25).endsWith('%')]).toEqual([measure, isShare]);
    expect([measure, fields.threshold]).toEqual([measure, isShare ? '25' : '0.25']);
    expect(toRule(fields)).toEqual({ measure, above: 0.25, window: '1h' });
  }
});
