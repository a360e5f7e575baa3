import { expect, test } from 'vitest';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import { toPromptRecords } from '../../../src/records/to-prompt-records.js';
import { loadStrangers } from '../../support/strangers.js';

const SPANS = loadStrangers().find(({ name }) => name === 'cc-detailed-tool-loop')?.spans ?? [];

/** Returns the spans of a question with a tool call, with other attributes on those of `type`. */
function spansWith(type: string, attributes: SpanLike['attributes']): SpanLike[] {
  return SPANS.map((span) =>
    span.attributes['span.type'] === type
      ? { ...span, attributes: { ...span.attributes, ...attributes } }
      : span,
  );
}

test('a question to Claude Code is one turn with the answer of the last request and the sum of the counts', () => {
  const [turn, ...others] = toPromptRecords(SPANS, { granularity: 'turn' });
  expect(others).toEqual([]);
  expect(turn).toMatchObject({
    prompt: 'Which files are there?',
    generation: 'Two: a.txt and b.txt.',
    threadId: 'session-1',
    properties: { dialect: 'claude_code', input_tokens: 91_660 + 91_761, output_tokens: 52 },
  });
});

test('the order in which the spans of Claude Code arrive changes none of its records', () => {
  const inOrder = toPromptRecords(SPANS);
  expect(inOrder).toHaveLength(2);
  const byId = (spans: readonly SpanLike[]) =>
    toPromptRecords(spans).toSorted((a, b) => a.id.localeCompare(b.id));
  expect(byId(SPANS.toReversed())).toEqual(byId(SPANS));
});

test('a request of Claude Code that failed is an error with its status, although its span has none', () => {
  const failed = {
    success: false,
    status_code: 529,
    error: 'Overloaded',
    'response.model_output': undefined,
  };
  const spans = spansWith('llm_request', failed);
  expect(toPromptRecords(spans)).toEqual([]);
  expect(toPromptRecords(spans, { includeErrors: true })).toMatchObject([
    { prompt: 'Which files are there?', properties: { error_type: '529' } },
    { prompt: 'Which files are there?', properties: { error_type: '529' } },
  ]);
});

test('a question to Claude Code that stands in quotation marks or looks like JSON stays as it is', () => {
  for (const prompt of ['"Hello"', '{"role":"user"}', '[1]'])
    expect(toPromptRecords(spansWith('interaction', { user_prompt: prompt }))[0]?.prompt).toBe(prompt);
});

test('a span type of another library is no request of Claude Code', () => {
  const foreign = SPANS.map((span) => ({ ...span, instrumentationScope: { name: 'apm' } }));
  expect(toPromptRecords(foreign).map(({ properties }) => properties.dialect)).not.toContain('claude_code');
});
