import { expect, test, vi } from 'vitest';
import { oldRuntimeProblem } from '../../../src/common/web/old-runtime.js';
import { TrubricsSpanExporter, TrubricsSpanProcessor } from '../../../src/index.js';
import { trubricsHandler } from '../../../src/standalone/index.js';

test('a runtime that is too old is named with what is needed, and this one is not', () => {
  expect(oldRuntimeProblem({})).toBe(
    `opentelemetry-exporter-trubrics needs Node.js 20.19 or later; ${process.version} has no toReversed()`,
  );
  expect(oldRuntimeProblem({ toReversed: 0 })).toMatch(/ has no toSorted\(\)$/);
  expect(oldRuntimeProblem()).toBeUndefined();
});

test.each([
  [
    'TrubricsSpanProcessor',
    'toReversed',
    () => new TrubricsSpanProcessor({ host: 'http://127.0.0.1:1/api' }),
  ],
  ['TrubricsSpanExporter', 'toSorted', () => new TrubricsSpanExporter({ host: 'http://127.0.0.1:1/api' })],
])('%s says why it counts calls as unreadable in a runtime without %s', (_name, feature, create) => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const method = Object.getOwnPropertyDescriptor(Array.prototype, feature) as PropertyDescriptor;
  Reflect.deleteProperty(Array.prototype, feature);
  try {
    expect(create).not.toThrow();
  } finally {
    Reflect.defineProperty(Array.prototype, feature, method);
  }
  expect(warn.mock.lastCall?.[0]).toMatch(
    new RegExp(`^Nothing is recorded: .* needs Node\\.js 20\\.19 .* has no ${feature}\\(\\)$`),
  );
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
  expect(warn.mock.lastCall?.[0]).toMatch(/^trubricsHandler\(\) sends nothing\. .* needs Node\.js 20\.19/);
});
