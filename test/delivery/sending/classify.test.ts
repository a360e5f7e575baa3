import { describe, expect, it } from 'vitest';
import { classify } from '../../../src/delivery/sending/classify.js';
import { describeError, parseResponse } from '../../../src/delivery/sending/outcome.js';

function actionFor(status: number): string {
  const verdict = classify(parseResponse({ status }), 0);
  return verdict.action === 'drop' ? verdict.reason : verdict.action;
}

describe('classify', () => {
  it.each([
    ['deliver', [200, 201, 202, 204, 206]],
    ['retry', [408, 425, 429, 500, 502, 503, 504, 520, 599]],
    ['park', [401, 403]],
    ['split', [413]],
    ['isolate', [400, 422]],
    ['redirect', [0, 301, 302, 303, 304, 307, 308]],
    ['http_error', [100, 402, 404, 405, 409, 410, 501, 505, 600, -1, Number.NaN]],
  ])('%s: %j', (action, statuses) => {
    expect(statuses.map(actionFor)).toEqual(statuses.map(() => action));
  });

  it('retries a failed connection and a timeout', () => {
    expect(classify({ type: 'failed', error: 'ECONNREFUSED' }, 0)).toMatchObject({
      action: 'retry',
      scope: 'destination',
    });
    expect(classify({ type: 'timed-out', afterMs: 5 }, 0)).toMatchObject({ action: 'retry', scope: 'lane' });
  });
});

describe('readAnswer', () => {
  it('takes nothing for a success', () => {
    expect(classify(parseResponse(undefined), 0).action).toBe('deliver');
  });

  it.each([
    ['null', null],
    ['text', 'ok'],
    ['a number', 7],
    ['an object without a status', {}],
    ['a status that is text', { status: '200' }],
    ['headers without a get()', { status: 503, headers: { get: 1 } }],
    ['an object that throws when it is read', Object.defineProperty({}, 'status', { get: fail })],
  ])('takes %s for a failure that a repetition does not change', (_, garbage) => {
    expect(classify(parseResponse(garbage as never), 0)).toMatchObject({
      action: 'drop',
      reason: 'http_error',
    });
  });
});

function fail(): never {
  throw new Error('hostile getter');
}

describe('describeError', () => {
  it('names the code, also of the cause, else the class, and never quotes the message', () => {
    const refused = Object.assign(new Error('connect 10.0.0.1'), { code: 'ECONNREFUSED' });
    expect(describeError(refused)).toBe('ECONNREFUSED');
    expect(describeError(new TypeError('fetch failed', { cause: refused }))).toBe('ECONNREFUSED');
    expect(describeError(new RangeError('my secret prompt'))).toBe('RangeError');
    expect(describeError('my secret prompt')).toBe('unknown error');
    expect(describeError({ code: 'my secret prompt' })).toBe('unknown error');
  });
});
