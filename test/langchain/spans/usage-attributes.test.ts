import { readdirSync } from 'node:fs';
import { AIMessageChunk, type UsageMetadata } from '@langchain/core/messages';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { useHandler } from '../../support/use-handler.js';
import { replay } from '../../support/replay-callbacks.js';

interface Counts {
  readonly input: unknown;
  readonly output: unknown;
  readonly total: unknown;
  readonly cacheRead: unknown;
  readonly cacheCreation: unknown;
  readonly reasoning: unknown;
}

function countsOf(attributes: Readonly<Record<string, unknown>>): Counts {
  return {
    input: attributes['gen_ai.usage.input_tokens'],
    output: attributes['gen_ai.usage.output_tokens'],
    total: attributes['gen_ai.usage.total_tokens'],
    cacheRead: attributes['gen_ai.usage.cache_read.input_tokens'],
    cacheCreation: attributes['gen_ai.usage.cache_creation.input_tokens'],
    reasoning: attributes['gen_ai.usage.reasoning.output_tokens'],
  };
}

function expectConsistent({ input, output, total, cacheRead, cacheCreation, reasoning }: Counts): void {
  if (input === undefined || output === undefined) return;
  expect(Number(input)).toBeGreaterThanOrEqual(Number(cacheRead ?? 0) + Number(cacheCreation ?? 0));
  expect(Number(output)).toBeGreaterThanOrEqual(Number(reasoning ?? 0));
  expect(Number(total)).toBeGreaterThanOrEqual(Number(input) + Number(output));
}

const usage = (
  input_tokens: number,
  output_tokens: number,
  total_tokens: number,
  cache_read?: number,
  reasoning?: number,
): UsageMetadata => ({
  input_tokens,
  output_tokens,
  total_tokens,
  ...(cache_read !== undefined && { input_token_details: { cache_read } }),
  ...(reasoning !== undefined && { output_token_details: { reasoning } }),
});

/** The counts of a stream whose chunks have this usage. `hidden`: the package reports tokens without their chunk. */
function stream(chunks: readonly (UsageMetadata | undefined)[], hidden = false): Counts {
  const { otel, handler } = useHandler();
  const messages = chunks.map((counts) => {
    const message = new AIMessageChunk('x');
    return counts ? Object.assign(message, { usage_metadata: counts }) : message;
  });
  handler.handleChatModelStart({}, [[]], 'run');
  for (const message of messages)
    handler.handleLLMNewToken(
      'x',
      undefined,
      'run',
      undefined,
      undefined,
      hidden ? undefined : { chunk: { message } },
    );
  const message = messages.reduce((all, next) => all.concat(next));
  handler.handleLLMEnd({ generations: [[{ text: 'x', message }]] }, 'run');
  return countsOf(otel.span('chat').attributes);
}

/** The counts of an answer that was not streamed. */
function answer(usage_metadata: UsageMetadata): Counts {
  const { otel, handler } = useHandler();
  handler.handleChatModelStart({}, [[]], 'run');
  handler.handleLLMEnd({ generations: [[{ text: 'x', message: { content: 'x', usage_metadata } }]] }, 'run');
  return countsOf(otel.span('chat').attributes);
}

describe('token counts', () => {
  const fixtures = readdirSync(new URL('../../fixtures/langchain-callbacks', import.meta.url))
    .filter((name) => name.startsWith('provider-'))
    .map((name) => name.slice('provider-'.length, -'.json'.length));
  test.each(fixtures)(
    'cached and reasoning tokens are part of input and output: recorded call %s',
    async (name) => {
      const spans = await replay(name);

      expect(spans.length).toBeGreaterThan(0);
      for (const { attributes } of spans) expectConsistent(countsOf(attributes));
    },
  );

  test('cached and reasoning tokens are part of input and output whatever a stream reports', () => {
    const count = fc.option(fc.nat(50), { nil: undefined });
    const chunk = fc.option(
      fc
        .tuple(fc.nat(50), fc.nat(50), fc.nat(200), count, count)
        .map((counts): UsageMetadata => usage(...counts)),
      { nil: undefined },
    );
    fc.assert(
      fc.property(fc.array(chunk, { minLength: 1, maxLength: 5 }), fc.boolean(), (chunks, hidden) => {
        expectConsistent(stream(chunks, hidden));
      }),
    );
  });

  const cached = 5_100;
  // Google's packages count the tokens of each chunk, but the cached ones of all.
  const google = (has: readonly boolean[]) =>
    has.map((isCounted, at) => usage(at === 0 ? 6_000 : 0, 1, at === 0 ? 6_001 : 1, isCounted ? cached : 0));
  test.each([
    ['only the first chunk', [true, false, false]],
    ['all chunks', [true, true, true]],
    ['the second chunk on', [false, true, true]],
    ['only the last chunk', [false, false, true]],
  ])('cached tokens are counted once if they stand in %s', (_where, has) => {
    expect(stream(google(has))).toMatchObject({ input: 6_000, output: 3, total: 6_003, cacheRead: cached });
    expect(stream(google(has), true)).toMatchObject({
      input: 6_000,
      output: 3,
      total: 6_003,
      cacheRead: cached,
    });
  });

  test('cached tokens whose sum cannot be divided are omitted', () => {
    expect(stream([usage(100, 1, 101, 70), usage(0, 1, 1, 61)], true).cacheRead).toBeUndefined();
  });

  test.each([
    ['usage in the last chunk', [undefined, undefined, usage(40, 9, 49, 32, 0)], [40, 9, 49]],
    // LangChain's package for xAI reports the counts of the first such chunk under other names.
    ['usage in the last two chunks', [undefined, rawTotal(49), usage(40, 9, 49, 32, 0)], [40, 9, 49]],
    ['reasoning counted apart', [undefined, usage(40, 9, 149, 32, 100)], [40, 109, 149]],
    ['reasoning counted apart, twice', [rawTotal(149), usage(40, 9, 149, 32, 100)], [40, 109, 149]],
  ])(
    'a total that LangChain added up gives no output tokens: %s',
    (_name, chunks, [input, output, total]) => {
      expect(stream(chunks)).toMatchObject({ input, output, total, cacheRead: 32 });
    },
  );

  test.each([
    ['known reasoning', usage(20, 15, 3_035, 0, 5), { input: 20, output: 15, total: 3_035, reasoning: 5 }],
    [
      'no known reasoning',
      usage(20, 10, 3_035),
      { input: 20, output: 10, total: 3_035, reasoning: undefined },
    ],
    ['reasoning counted apart', usage(20, 10, 35, 0, 5), { input: 20, output: 15, total: 35, reasoning: 5 }],
    ['impossible reasoning', usage(20, 10, 30, 0, 50), { output: 10, total: 30, reasoning: undefined }],
  ])('tokens of a tool that the provider runs are no output: %s', (_name, given, expected) => {
    expect(answer(given)).toMatchObject(expected);
  });
});

function rawTotal(total_tokens: number): UsageMetadata {
  return { prompt_tokens: 40, completion_tokens: 9, total_tokens } as unknown as UsageMetadata;
}

test('a stream of Groq has the cached and reasoning tokens that its package leaves out of its own usage', () => {
  const { otel, handler } = useHandler();
  const message = new AIMessageChunk({
    content: 'x',
    // As @langchain/groq 1.3.1 passes on the last chunk.
    response_metadata: {
      usage: { input_tokens: 100, output_tokens: 20, total_tokens: 120 },
      x_groq: {
        usage: {
          prompt_tokens: 100,
          completion_tokens: 20,
          total_tokens: 120,
          prompt_tokens_details: { cached_tokens: 64 },
          completion_tokens_details: { reasoning_tokens: 8 },
        },
      },
    },
  });
  handler.handleChatModelStart({}, [[]], 'run');
  handler.handleLLMEnd({ generations: [[{ text: 'x', message }]] }, 'run');
  expect(countsOf(otel.span('chat').attributes)).toEqual({
    input: 100,
    output: 20,
    total: 120,
    cacheRead: 64,
    cacheCreation: undefined,
    reasoning: 8,
  });
});
