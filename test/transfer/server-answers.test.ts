import { expect, test } from 'vitest';
import { detailOf, refusalText } from '../../src/transfer/server-answers.js';

test.each([
  [401, 'no such token', 'http://a answers 401: set TRUBRICS_TOKEN'],
  [403, undefined, 'http://a answers 403: set TRUBRICS_TOKEN'],
  [403, 'You may see numbers, and no texts', 'http://a answers 403: You may see numbers, and no texts'],
  [400, 'since must be a time', 'http://a answers 400: since must be a time'],
  [404, undefined, 'http://a answers 404: is it a server of this package?'],
])('a refusal with %s and the detail %j says what to do', (status, detail, line) => {
  expect(refusalText('http://a', status, detail)).toBe(line);
});

test('an answer of another program has no detail', async () => {
  for (const body of ['<html>', '[]', '{"detail":[1]}', 'null'])
    expect(await detailOf(new Response(body))).toBeUndefined();
  expect(await detailOf(Response.json({ detail: 'of ours' }))).toBe('of ours');
});
