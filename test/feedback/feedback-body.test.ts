import { expect, test } from 'vitest';
import { readFeedback } from '../../src/feedback/feedback-body.js';

const read = (body: unknown) => readFeedback(JSON.stringify(body));
const errorOf = (body: unknown): string | undefined => {
  const result = read(body);
  return 'error' in result ? result.error : undefined;
};
const ABOUT = { recordId: 'r' };

test('every field of feedback is read, and empty ones are left out', () => {
  const feedback = {
    recordId: 'r',
    runId: 'run',
    threadId: 't',
    userId: 'u',
    label: 'l',
    comment: 'c',
    component: 'p',
    score: 1,
  };
  expect(read(feedback)).toEqual({ feedback });
  expect(read({ ...ABOUT, label: 'l', userId: '', comment: null, score: null })).toEqual({
    feedback: { ...ABOUT, label: 'l' },
  });
});

test('feedback is about a record, a run or a thread, and says something', () => {
  for (const about of [{ recordId: 'r' }, { runId: 'r' }, { threadId: 't' }])
    for (const said of [{ score: true }, { label: 'l' }, { comment: 'c' }])
      expect(errorOf({ ...about, ...said })).toBeUndefined();
  expect(errorOf({ score: 1 })).toContain('"recordId", "runId" or "threadId"');
  expect(errorOf({ ...ABOUT, userId: 'u' })).toContain('"score", "label" or "comment"');
});

test('a score of null, and nothing else, takes a rating back', () => {
  expect(read({ ...ABOUT, userId: 'u', score: null })).toEqual({
    feedback: { ...ABOUT, userId: 'u', score: null },
  });
  expect(read({ ...ABOUT, comment: 'c', score: null })).toEqual({ feedback: { ...ABOUT, comment: 'c' } });
});

test('a text has as many characters as allowed, and is a text', () => {
  expect(errorOf({ ...ABOUT, comment: 'x'.repeat(10_000) })).toBeUndefined();
  expect(errorOf({ ...ABOUT, comment: 'x'.repeat(10_001) })).toContain(
    '"comment" must be a text of at most 10000',
  );
  expect(errorOf({ ...ABOUT, comment: 5 })).toContain('"comment"');
});

test('a score that means nothing is refused', () => {
  expect(errorOf({ ...ABOUT, score: 'x' })).toContain('"score"');
  expect(errorOf({ ...ABOUT, score: {} })).toContain('"score"');
});

test('an unknown field is named, at most the beginning of it', () => {
  expect(errorOf({ ...ABOUT, label: 'l', rating: 1 })).toContain('no field "rating"');
  expect(errorOf({ ...ABOUT, label: 'l', toString: 1 })).toContain('no field "toString"');
  expect(errorOf({ [`${'x'.repeat(60)}y`]: 1 })).toContain(`"${'x'.repeat(60)}"`);
});

test('a body that is no JSON object is refused', () => {
  for (const body of ['', '{', '[]', 'null', '5', '"text"'])
    expect(readFeedback(body)).toEqual({ error: 'The body must be a JSON object.' });
});
