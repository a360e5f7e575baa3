import { describe, expect, it } from 'vitest';
import type { PromptRecord } from '../../src/records/model/prompt-record.js';
import { toPromptRecords } from '../../src/records/to-prompt-records.js';
import { loadCaptures } from '../support/captures.js';

const captures = loadCaptures().filter(({ llmSpanCount }) => llmSpanCount > 0);

const sum = (records: readonly PromptRecord[], name: string) =>
  records.reduce((total, { properties }) => total + Number(properties[name] ?? 0), 0);

describe('of the spans of real libraries', () => {
  it.each(captures.map((capture) => [capture.name, capture] as const))(
    '%s: turns have the tokens of the calls, and the same people',
    (_name, { spans }) => {
      const calls = toPromptRecords(spans, { includeErrors: true });
      const turns = toPromptRecords(spans, { includeErrors: true, granularity: 'turn' });
      for (const name of ['input_tokens', 'output_tokens']) expect(sum(turns, name)).toBe(sum(calls, name));
      expect(new Set(turns.map(({ userId }) => userId))).toEqual(new Set(calls.map(({ userId }) => userId)));
    },
  );

  const agents = captures.filter(({ name }) => /^(?:vercel-ai-sdk|genkit).*toolloop/.test(name));

  it.each(agents.map((capture) => [capture.name, capture] as const))(
    '%s: the calls around its parallel tools are one turn',
    (_name, { spans, calls }) => {
      const [first, last] = calls;
      expect(toPromptRecords(spans, { granularity: 'turn' })).toMatchObject([
        {
          prompt: first?.prompt,
          generation: last?.generation,
          properties: { call_count: 2, tools: [first?.toolCalls[0]?.name], tool_call_count: 2 },
        },
      ]);
    },
  );

  it('the AI SDK is among them in four majors', () => {
    const majors = agents.flatMap(({ name }) => /^vercel-ai-sdk-(\d+)/.exec(name)?.[1] ?? []);
    expect(new Set(majors)).toEqual(new Set(['4', '5', '6', '7']));
  });
});
