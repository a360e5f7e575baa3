import { expect, test, vi } from 'vitest';
import { personalDataRedactor, redactPersonalData, TrubricsSpanProcessor } from '../../../src/index.js';
import { prepareInBackground, withPreparation } from '../../../src/records/privacy/preparation.js';
import { prepareSearches } from '../../../src/records/privacy/redaction/personal-data.js';
import { eventually } from '../../support/eventually.js';
import { memoryDestination } from '../../support/memory-destination.js';

test('a processor prepares the function of the option redact once, each step in a turn of the event loop of its own', async () => {
  const done: string[] = [];
  const redact = withPreparation(
    (record: Parameters<typeof redactPersonalData>[0]) => record,
    function* () {
      for (const step of ['first', 'second', 'third']) {
        done.push(step);
        setImmediate(() => done.push('another turn'));
        yield;
      }
    },
  );
  const processors = [1, 2].map(
    () => new TrubricsSpanProcessor({ destination: memoryDestination(), redact }),
  );
  expect(done).toEqual([]);
  await eventually(() => expect(done.filter((step) => step !== 'another turn')).toHaveLength(3));
  expect(done.slice(0, 3)).toEqual(['first', 'another turn', 'second']);
  await Promise.all(processors.map((processor) => processor.shutdown()));
  expect(done.filter((step) => step !== 'another turn')).toHaveLength(3);
});

test('redactors of personal data are prepared in many steps, and a function of the application is left alone', () => {
  vi.useFakeTimers();
  try {
    const own = vi.fn<() => void>();
    prepareInBackground(own);
    expect(vi.getTimerCount()).toBe(0);
    for (const redactor of [redactPersonalData, personalDataRedactor({ except: ['ip'] })]) {
      prepareInBackground(redactor);
      expect(vi.getTimerCount()).toBe(1);
      vi.runAllTimers();
    }
    expect(own).not.toHaveBeenCalled();
  } finally {
    vi.useRealTimers();
  }
  expect([...prepareSearches()].length).toBeGreaterThan(100);
});
