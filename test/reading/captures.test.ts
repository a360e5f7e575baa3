import { describe, expect, test } from 'vitest';
import { locateCalls } from '../../src/reading/calls/deduplicate-calls.js';
import { factsOf, findCall, loadCaptures, truthOf } from '../support/captures.js';

/** Messages in log records are joined by the processor: see test/log-processor.test.ts. */
const captures = loadCaptures().filter((capture) => capture.contentLocation !== 'log-events');

describe.each(captures.map((capture) => [capture.name, capture] as const))('%s', (_name, capture) => {
  const located = locateCalls(capture.spans);

  test(`the capture is read as ${capture.llmSpanCount} calls`, () => {
    expect(located.map(({ span }) => span.name)).toHaveLength(capture.llmSpanCount);
  });

  if (capture.calls.length === 0) return;
  test.each(capture.calls.map((call, index) => [`${index + 1}: ${call.spanName}`, call] as const))(
    'call %s of the capture is read as it was made',
    (_title, expected) => {
      const found = findCall(located, expected, capture);
      expect(found, `no call on span ${expected.spanId}`).toBeDefined();
      expect(found && factsOf(found, expected)).toEqual(truthOf(expected));
    },
  );
});
