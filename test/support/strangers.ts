import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SpanLike } from '../../src/reading/model/span-like.js';
import type { PromptRecord } from '../../src/records/model/prompt-record.js';

/** What a record has to say. A field that is not there is not compared. */
export interface ExpectedRecord {
  readonly prompt?: string;
  readonly generation?: string;
  readonly model?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly reasoning?: number;
  readonly finishReason?: string;
  readonly toolCalls?: readonly string[];
  readonly userId?: string;
  readonly threadId?: string;
  readonly tags?: readonly string[];
  readonly system?: string;
  /** Seconds. */
  readonly ttft?: number;
}

/** A span shape of another project's test data, with the records that are right. */
export interface Stranger {
  readonly name: string;
  readonly spans: readonly SpanLike[];
  readonly records: readonly ExpectedRecord[];
}

interface RawStranger {
  readonly name: string;
  readonly spans: readonly (Omit<SpanLike, 'spanContext'> & {
    readonly spanContext: ReturnType<SpanLike['spanContext']>;
  })[];
  readonly expect: { readonly records: readonly ExpectedRecord[] };
}

const FOLDER = fileURLToPath(new URL('../fixtures/strangers/', import.meta.url));

/** All cases in `test/fixtures/strangers`. */
export function loadStrangers(): readonly Stranger[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  return files.map((file) => {
    const { name, spans, expect } = JSON.parse(readFileSync(FOLDER + file, 'utf8')) as RawStranger;
    const revived = spans.map(({ spanContext, ...span }) => ({ ...span, spanContext: () => spanContext }));
    return { name, spans: revived, records: expect.records };
  });
}

/** Returns the fields of a record under the names of {@link ExpectedRecord}, those that `expected` names. */
export function saidBy(record: PromptRecord, expected: ExpectedRecord): ExpectedRecord {
  const { properties } = record;
  const said: Record<keyof ExpectedRecord, unknown> = {
    prompt: record.prompt,
    generation: record.generation,
    model: record.assistantId,
    inputTokens: properties.input_tokens,
    outputTokens: properties.output_tokens,
    cacheRead: properties.cache_read_tokens,
    cacheWrite: properties.cache_write_tokens,
    reasoning: properties.reasoning_tokens,
    finishReason: properties.finish_reason,
    toolCalls: properties.tool_calls,
    userId: record.userId,
    threadId: record.threadId,
    tags: record.tags,
    system: properties.system_prompt,
    ttft: properties.time_to_first_token,
  };
  return Object.fromEntries(Object.entries(said).filter(([field]) => field in expected));
}
