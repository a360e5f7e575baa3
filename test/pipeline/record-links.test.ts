import { expect, test } from 'vitest';
import { RecordLinks } from '../../src/pipeline/record-links.js';
import { recordOfRun } from '../../src/pipeline/run-records.js';
import { makeCall } from '../support/make-call.js';
import { makeSpan } from '../support/span.js';

const call = (fields: Record<string, string>) => ({ call: { ...makeCall({}), ...fields }, ancestors: [] });
const named = (traceId: string, spanId: string) => call({ traceId, spanId });

test('feedback on a span finds the record that the span is part of, else the latest one of its trace', () => {
  const links = new RecordLinks();
  links.add('a', [named('t', '1'), named('t', '2')]);
  links.add('b', [named('t', '3')]);
  links.add('c', [named('t', '2')]);
  links.add('d', [named('other', '1')]);
  const recordOf = (spanId: string) => links.ofSpan({ traceId: 't', spanId });
  expect(['1', '2', '3', 'request'].map(recordOf)).toEqual(['a', 'c', 'b', 'c']);
  expect(links.ofSpan({ traceId: 'unknown', spanId: '1' })).toBeUndefined();
});

test('feedback on a response finds the record of the response', () => {
  const links = new RecordLinks();
  links.add('a', [call({ traceId: 't', spanId: '1', responseId: 'r' }), named('t', '2')]);
  expect(['r', 's', undefined].map((id) => links.ofResponse(id))).toEqual(['a', undefined, undefined]);
});

test('the run of a call and the runs above it lead to the record', () => {
  const above = ['agent run', 17].map((id) => makeSpan({ attributes: { 'trubrics.run.id': id } }));
  new RecordLinks().add('a', [{ ...call({ runId: 'model run' }), ancestors: above }]);
  expect(['model run', 'agent run', '17'].map(recordOfRun)).toEqual(['a', 'a', undefined]);
  new RecordLinks().add('b', [{ ...named('t', '1'), ancestors: above }]);
  expect(recordOfRun('agent run')).toBe('a');
});

test('two hundred spans of a trace are remembered, and the oldest one is forgotten', () => {
  const links = new RecordLinks();
  for (let index = 0; index < 201; index += 1) links.add(`record-${index}`, [named('t', String(index))]);
  const recordOf = (spanId: string) => links.ofSpan({ traceId: 't', spanId });
  // A span that is forgotten counts as any other of its trace.
  expect(['0', '1', '200'].map(recordOf)).toEqual(['record-200', 'record-1', 'record-200']);
});

test('five thousand traces are remembered, and the one without a record for the longest time is forgotten', () => {
  const links = new RecordLinks();
  for (let index = 0; index < 5_000; index += 1) links.add('a', [named(`trace-${index}`, '1')]);
  expect(links.ofSpan({ traceId: 'trace-0', spanId: '1' })).toBe('a');
  links.add('b', [named('trace-0', '2')]);
  links.add('c', [named('one more', '1')]);
  const recordOf = (traceId: string) => links.ofSpan({ traceId, spanId: '1' });
  expect(['trace-0', 'trace-1', 'trace-2', 'one more'].map(recordOf)).toEqual(['a', undefined, 'a', 'c']);
});
