import { describe, expect, test } from 'vitest';
import type { PromptRecord } from '../../src/records/model/prompt-record.js';
import { toPromptRecords } from '../../src/records/to-prompt-records.js';
import { loadCaptures } from '../support/captures.js';
import { loadStrangers } from '../support/strangers.js';

const captures = loadCaptures().filter(({ llmSpanCount }) => llmSpanCount > 0);
const recordings = [...captures, ...loadStrangers()].map(({ name, spans }) => [name, spans] as const);

const COUNTS = [
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
];

/** A call of a sub-agent has no question, so that it is no record of its own. Its tokens are those of the turn all the same. */
const TOKENS_BEYOND_CALLS: Readonly<Record<string, number>> = {
  'cc-sub-agent input_tokens': 10,
  'cc-sub-agent output_tokens': 5,
  'cc-sub-agent total_tokens': 15,
};

const sum = (records: readonly PromptRecord[], name: string) =>
  records.reduce((total, { properties }) => total + Number(properties[name] ?? 0), 0);

describe('turns of captures of real libraries', () => {
  test.each(recordings)(
    'turns of the capture %s have the tokens and the users of its calls',
    (capture, spans) => {
      const calls = toPromptRecords(spans, { includeErrors: true });
      const turns = toPromptRecords(spans, { includeErrors: true, granularity: 'turn' });
      for (const name of COUNTS) {
        const beyond = TOKENS_BEYOND_CALLS[`${capture} ${name}`] ?? 0;
        expect([name, sum(turns, name)]).toEqual([name, sum(calls, name) + beyond]);
      }
      expect(new Set(turns.map(({ userId }) => userId))).toEqual(new Set(calls.map(({ userId }) => userId)));
    },
  );

  const agents = captures.filter(({ name }) => /^(?:vercel-ai-sdk|genkit).*toolloop/.test(name));

  test.each(agents.map((capture) => [capture.name, capture] as const))(
    'the calls around parallel tools of the capture %s are one turn',
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

  test('the captures with parallel tools include four majors of the AI SDK', () => {
    const majors = agents.flatMap(({ name }) => /^vercel-ai-sdk-(\d+)/.exec(name)?.[1] ?? []);
    expect(new Set(majors)).toEqual(new Set(['4', '5', '6', '7']));
  });
});
