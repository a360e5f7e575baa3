import { expect, test } from 'vitest';
import { describeError, parseResponse } from '../../../src/delivery/sending/outcome.js';
import { classify } from '../../../src/delivery/sending/verdict.js';

function fail(): never {
  throw new Error('hostile getter');
}

test('A destination that returns nothing has delivered the batch', () => {
  expect(classify(parseResponse(undefined), 0).action).toBe('deliver');
});

test.each([
  ['null', null],
  ['text', 'ok'],
  ['a number', 7],
  ['an object without a status', {}],
  ['a status that is text', { status: '200' }],
  ['headers without a get()', { status: 503, headers: { get: 1 } }],
  ['an object that throws when it is read', Object.defineProperty({}, 'status', { get: fail })],
])('A destination that returns %s has failed in a way that a retry does not change', (_, garbage) => {
  expect(classify(parseResponse(garbage as never), 0)).toMatchObject({
    action: 'drop',
    reason: 'http_error',
  });
});

test('An error is described by its code, that of its cause or its class, never by its message', () => {
  const refused = Object.assign(new Error('connect 10.0.0.1'), { code: 'ECONNREFUSED' });
  expect(describeError(refused)).toBe('ECONNREFUSED');
  expect(describeError(new TypeError('fetch failed', { cause: refused }))).toBe('ECONNREFUSED');
  expect(describeError(new RangeError('my secret prompt'))).toBe('RangeError');
  expect(describeError('my secret prompt')).toBe('unknown error');
  expect(describeError({ code: 'my secret prompt' })).toBe('unknown error');
});

test.each([
  ['http://127.0.0.1:6000', 'bad port'],
  ['http://127.0.0.1:1', /^(?:ECONNREFUSED|bad port)$/],
  ['http://localhost:65533', 'ECONNREFUSED'],
  ['http://no-such-host.invalid', /^(?:ENOTFOUND|EAI_AGAIN)$/],
])('the failure of a fetch from %s is told by its cause', async (url, cause) => {
  const error: unknown = await fetch(url).catch((thrown: unknown) => thrown);
  expect(describeError(error)).toMatch(cause);
});

test.each([
  [new TypeError('Failed to fetch'), 'no connection'],
  [new TypeError('Load failed'), 'no connection'],
  [
    new TypeError('fetch failed', {
      cause: new AggregateError([Object.assign(new Error(), { code: 'ECONNREFUSED' })]),
    }),
    'ECONNREFUSED',
  ],
  [
    new TypeError('error sending request', { cause: new Error('tcp connect error: Connection refused') }),
    'ECONNREFUSED',
  ],
  [Object.assign(new Error('Unable to connect'), { code: 'ConnectionRefused' }), 'ConnectionRefused'],
  [new TypeError('x is not a function, content'), 'TypeError in send()'],
])('a failed request is never told as a bare TypeError: %s', (error, cause) => {
  expect(describeError(error)).toBe(cause);
});
