import { expect, test, vi } from 'vitest';
import { oldRuntimeProblem } from '../../src/standalone/old-runtime.js';
import { trubricsHandler } from '../../src/standalone/index.js';

test('a runtime that is too old is named with what is needed, and this one is not', () => {
  expect(oldRuntimeProblem({})).toBe(
    `opentelemetry-exporter-trubrics needs Node.js 20.19 or later; this is ${process.version}`,
  );
  expect(oldRuntimeProblem()).toBeUndefined();
});

test('an application in a runtime that is too old runs without records, and is warned', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const toSorted = Object.getOwnPropertyDescriptor(Array.prototype, 'toSorted') as PropertyDescriptor;
  Reflect.deleteProperty(Array.prototype, 'toSorted');
  try {
    expect(() => trubricsHandler({ host: 'http://127.0.0.1:1/api' })).not.toThrow();
  } finally {
    Reflect.defineProperty(Array.prototype, 'toSorted', toSorted);
  }
  expect(warn.mock.calls.flat()[0]).toMatch(/^trubricsHandler\(\) sends nothing\. .* needs Node\.js 20\.19/);
});
