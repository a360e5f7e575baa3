import { expect, test } from 'vitest';
import type { PropertyValue } from '../../../src/records/model/prompt-record.js';
import { evaluationOf, feedbackOf, feedbackTarget } from '../../../src/server/model/feedback.js';
import { previewOf } from '../../../src/server/model/preview.js';
import type { StoredRecord } from '../../../src/server/model/stored-record.js';

function eventOf(properties: Readonly<Record<string, PropertyValue>>, event = 'Feedback'): StoredRecord {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    kind: 'event',
    seq: 1,
    id: 'f',
    userId: 'ada',
    event,
    timestamp: at,
    receivedAt: at,
    tags: [],
    properties,
  };
}

test.each([
  [{ score: 1 }, 'positive'],
  [{ score: 0.1 }, 'negative'],
  [{ score: 0.5 }, 'other'],
  [{ score: 0 }, 'negative'],
  [{ score: -1 }, 'negative'],
  [{ score: '1' }, 'positive'],
  [{ score: '0' }, 'negative'],
  [{ score: ' -1 ' }, 'negative'],
  [{ score: '4.5' }, 'positive'],
  [{ score: 5 }, 'positive'],
  [{ score: 2 }, 'negative'],
  [{ score: 3 }, 'other'],
  [{ score: 7 }, 'positive'],
  [{ score: 80 }, 'positive'],
  [{ score: 20 }, 'negative'],
  [{ score: 1e9 }, 'positive'],
  [{ rating: 1 }, 'negative'],
  [{ rating: 5 }, 'positive'],
  [{ rating: 2, max: 5 }, 'negative'],
  [{ score: 7, max: 5 }, 'positive'],
  [{ score: 0.4, max: 1 }, 'negative'],
  [{ score: 3, max_score: '4' }, 'positive'],
  [{ score: 5, min: 0, max: 10 }, 'other'],
  [{ score: -0.5, feedback_type: 'faces' }, 'negative'],
  [{ score: 0.5, feedback_type: 'faces' }, 'positive'],
  [{ score: 0, feedback_type: 'faces' }, 'other'],
  [{ score: false }, 'negative'],
  [{ value: true }, 'positive'],
  [{ value: 'up' }, 'positive'],
  [{ label: 'fail' }, 'negative'],
  [{ label: 'incorrect' }, 'negative'],
  [{ score: 0, label: 'pass' }, 'positive'],
  [{ score: 1, label: '👎' }, 'negative'],
  [{ score: 0, label: '👍🏽' }, 'positive'],
  [{ value: '👎🏿' }, 'negative'],
  [{ score: '👍\uFE0F' }, 'positive'],
  [{ score: -1, label: 'wrong tone' }, 'negative'],
  [{ score: 'fine' }, 'other'],
  [{ comment: 'awful' }, 'other'],
  [{ score: '', rating: null, value: 1 }, 'positive'],
] as const)('feedback with %j is %s', (properties, meaning) => {
  const event = eventOf({ record_id: 'x', ...properties });
  expect([feedbackOf(event), feedbackOf(previewOf(event, 100))]).toEqual([meaning, meaning]);
});

test('an event that is about a record and has a value is feedback, whatever its name', () => {
  const event = eventOf({ record_id: 'a', score: -1 }, 'Thumbs down');
  expect([feedbackOf(event), feedbackTarget(event)]).toEqual(['negative', 'a']);
  expect(feedbackOf(eventOf({ score: 1 }, 'Level done'))).toBeUndefined();
  expect(feedbackOf(eventOf({ record_id: 'a' }, 'Opened'))).toBeUndefined();
});

test.each([
  [
    {
      feedback_type: 'evaluation',
      component: 'faithfulness',
      score: 0.1,
      label: 'unfaithful',
      comment: 'Contradicts',
    },
    { name: 'faithfulness', score: 0.1, label: 'unfaithful', explanation: 'Contradicts' },
  ],
  [
    { name: 'faithfulness', score: '0.1' },
    { name: 'faithfulness', score: 0.1 },
  ],
  [
    { metric: 'tone', value: 'polite', explanation: 'why' },
    { name: 'tone', label: 'polite', explanation: 'why' },
  ],
  [
    { name: 'exact match', score: true },
    { name: 'exact match', score: 1 },
  ],
  [
    { feedback_type: 'evaluation', score: 300 },
    { name: 'evaluation', score: 300 },
  ],
] as const)('%j is an evaluation and no thumb', (properties, evaluation) => {
  const event = eventOf({ record_id: 'x', ...properties });
  expect([evaluationOf(event), feedbackOf(event), feedbackTarget(event)]).toEqual([
    evaluation,
    undefined,
    'x',
  ]);
  expect(evaluationOf(previewOf(event, 100))).toEqual(evaluation);
});
