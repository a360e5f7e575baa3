import { expect, test } from 'vitest';
import { feedbackOf } from '../../../src/server/model/feedback.js';
import { previewOf } from '../../../src/server/model/preview.js';
import type { StoredEvent } from '../../../src/server/model/stored-record.js';

const face: StoredEvent = {
  kind: 'event',
  seq: 1,
  id: 'feedback-1',
  event: 'Feedback',
  userId: 'ada',
  timestamp: '2026-01-01T00:00:00.000Z',
  receivedAt: '2026-01-01T00:00:00.000Z',
  tags: [],
  properties: { score: 0, label: '😐', feedback_type: 'faces', record_id: 'r1', note: 'not listed' },
};

test('a neutral face counts as neither positive nor negative feedback in a list, as in the record', () => {
  expect(feedbackOf(face)).toBe('other');
  expect(feedbackOf(previewOf(face, 100))).toBe('other');
});

test('a record of a list has the listed properties alone', () => {
  expect(previewOf(face, 100).properties).toEqual({
    score: 0,
    label: '😐',
    feedback_type: 'faces',
    record_id: 'r1',
  });
});
