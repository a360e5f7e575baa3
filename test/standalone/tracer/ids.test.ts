import { isValidSpanId, isValidTraceId } from '@opentelemetry/api';
import { expect, test, vi } from 'vitest';
import { randomSpanId, randomTraceId } from '../../../src/standalone/tracer/ids.js';

test('ids are valid W3C ids and do not repeat', () => {
  const traceIds = Array.from({ length: 2_000 }, () => randomTraceId());
  const spanIds = Array.from({ length: 2_000 }, () => randomSpanId());

  expect(traceIds.every(isValidTraceId)).toBe(true);
  expect(spanIds.every(isValidSpanId)).toBe(true);
  expect(new Set(traceIds).size).toBe(2_000);
  expect(new Set(spanIds).size).toBe(2_000);
});

test('an id that is all zero is drawn again', () => {
  const zeros = vi.spyOn(crypto, 'getRandomValues').mockImplementationOnce((array) => array);
  // Uses up what is left of the random bytes, so that the next id comes from the zeros.
  for (let drawn = 0; drawn < 1_000 && zeros.mock.calls.length === 0; drawn += 1) randomSpanId();
  expect(zeros).toHaveBeenCalled();
  zeros.mockRestore();

  expect(isValidTraceId(randomTraceId())).toBe(true);
  expect(isValidSpanId(randomSpanId())).toBe(true);
});
