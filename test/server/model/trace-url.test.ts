import { expect, test } from 'vitest';
import { isTraceUrlTemplate, traceUrl } from '../../../src/server/model/trace-url.js';

test('a template is an http or https address with a place for the trace id', () => {
  expect(
    [
      'https://traces.example.com/trace/{trace_id}',
      'http://localhost:16686/trace/{trace_id}?span={span_id}',
      'https://traces.example.com/#/{trace_id}',
    ].filter((template) => !isTraceUrlTemplate(template)),
  ).toEqual([]);
  expect(
    [
      'https://traces.example.com/',
      'javascript:alert("{trace_id}")',
      'traces.example.com/{trace_id}',
      'https://traces.example.com/{trace_id}/{other}',
      'https://{trace_id',
      '',
      7,
    ].filter(isTraceUrlTemplate),
  ).toEqual([]);
});

test('ids are written as part of an address, whatever they are', () => {
  const template = 'https://traces.example.com/{trace_id}?span={span_id}';
  expect(traceUrl(template, { traceId: 'a/b?c', spanId: '1' })).toBe(
    'https://traces.example.com/a%2Fb%3Fc?span=1',
  );
  expect(traceUrl(template, { traceId: 'a' })).toBe('https://traces.example.com/a?span=');
});
