import { expect, test } from 'vitest';
import { oldRuntimeProblem } from '../../src/standalone/old-runtime.js';

test('a runtime that is too old is named with what is needed, and this one is not', () => {
  expect(oldRuntimeProblem({})).toBe(
    `opentelemetry-exporter-trubrics needs Node.js 20.19 or later; this is ${process.version}`,
  );
  expect(oldRuntimeProblem()).toBeUndefined();
});
