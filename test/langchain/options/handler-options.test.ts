import { describe, expect, test } from 'vitest';
import {
  TrubricsCallbackHandler,
  type TrubricsCallbackHandlerOptions,
} from '../../../src/langchain/index.js';

describe('options', () => {
  const wrong: [unknown, RegExp][] = [
    [{ userId: 7 }, /Option "userId" must be a non-empty string, not 7/],
    [{ threadId: '' }, /Option "threadId" must be a non-empty string, not an empty string/],
    [{ tags: 'one' }, /Option "tags" must be an array of strings, not "one"/],
    [{ metadata: [1] }, /Option "metadata" must be an object, not an array/],
    [{ content: 'all' }, /Option "content" must be "span", "trubrics" or "none", not "all"/],
    [{ activate: 'yes' }, /Option "activate" must be true or false, not "yes"/],
    [{ maxOpenRuns: 0 }, /Option "maxOpenRuns" must be a whole number above 0, not 0/],
    [{ maxRunAgeMs: -1 }, /Option "maxRunAgeMs" must be a finite number of milliseconds above 0, not -1/],
    [{ tracerProvider: {} }, /Option "tracerProvider" must be a TracerProvider, not an object/],
    [{ user: 'u' }, /There is no option "user"; did you mean "userId"\? Options are: tracerProvider, userId/],
    [
      { project: 'default' },
      /no option "project": give it to TrubricsSpanProcessor, or to trubricsHandler\(\)/,
    ],
    [{ host: 'http://127.0.0.1' }, /no option "host": give it/],
    [null, /The options must be an object, not null/],
  ];
  test.each(wrong)('the option %j is refused with a TypeError', (options, message) => {
    const construct = () => new TrubricsCallbackHandler(options as TrubricsCallbackHandlerOptions);

    expect(construct).toThrow(TypeError);
    expect(construct).toThrow(message);
  });
});
