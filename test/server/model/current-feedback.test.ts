import { expect, test } from 'vitest';
import { countFeedback } from '../../../src/server/model/current-feedback.js';
import type { StoredEvent, StoredRecord } from '../../../src/server/model/stored-record.js';

let seq = 0;

function feedback(
  userId: string,
  minute: number,
  properties: StoredRecord['properties'],
  received = minute,
): StoredEvent {
  const at = (m: number): string => new Date(Date.UTC(2026, 5, 1, 12, m)).toISOString();
  return {
    kind: 'event',
    id: `${userId}-${minute}-${++seq}`,
    seq,
    event: 'Feedback',
    userId,
    timestamp: at(minute),
    receivedAt: at(received),
    tags: [],
    properties: { record_id: 'a', ...properties },
  };
}

const score = (value: number | null) => ({ score: value, feedback_type: 'thumbs' });

test('the latest rating of a person replaces the earlier ones, in whatever order they arrived', () => {
  const [later, earlier, other] = [
    feedback('ada', 5, score(1)),
    feedback('ada', 2, score(-1)),
    feedback('bob', 1, score(-1)),
  ];
  expect(countFeedback([later, earlier, other])).toEqual({ current: [other, later], replaced: [earlier] });
});

test('clearing a rating leaves none, and keeps what the person wrote', () => {
  const [bad, comment, cleared] = [
    feedback('ada', 1, score(-1)),
    feedback('ada', 2, { comment: 'Too short.' }),
    feedback('ada', 3, score(null)),
  ];
  expect(countFeedback([bad, comment, cleared])).toEqual({ current: [comment], replaced: [bad, cleared] });
});

test('what a reviewer says stands beside what the same person says as a user', () => {
  const [user, first, second] = [
    feedback('ada', 1, score(1)),
    feedback('ada', 2, { ...score(1), source: 'reviewer' }),
    feedback('ada', 3, { ...score(-1), source: 'reviewer' }),
  ];
  expect(countFeedback([user, first, second])).toEqual({ current: [user, second], replaced: [first] });
});

test('of an evaluation that was repeated, the latest score counts', () => {
  const [first, again, other, label] = [
    feedback('judge', 1, { name: 'faithful', score: 0.1 }),
    feedback('judge', 4, { name: 'faithful', score: 0.9 }),
    feedback('judge', 2, { name: 'toxic', score: 0.1 }),
    feedback('judge', 5, { name: 'faithful', label: 'unsure' }),
  ];
  expect(countFeedback([first, again, other, label])).toEqual({
    current: [other, again, label],
    replaced: [first],
  });
});

test('a time that cannot be right is that of the arrival', () => {
  const [wrong, right] = [
    { ...feedback('ada', 1, score(-1), 9), timestamp: '2099-01-01T00:00:00.000Z' },
    feedback('ada', 10, score(1)),
  ];
  expect(countFeedback([wrong, right]).current).toEqual([right]);
});
