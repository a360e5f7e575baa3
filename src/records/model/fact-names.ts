import type { PropertyValue } from './prompt-record.js';

/** Names of the properties that are measured or read. A user's property of the same name becomes `metadata.<name>` beside one of them. */
export const FACT_NAMES = [
  'provider',
  'request_model',
  'operation',
  'temperature',
  'top_p',
  'max_tokens',
  'response_format',
  'tool_choice',
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'cost',
  'service_tier',
  'finish_reason',
  'cached',
  'streaming',
  'time_to_first_token',
  'tool_calls',
  'tool_call_count',
  'choice_count',
  'prompt_template',
  'prompt_name',
  'prompt_version',
  'system_prompt',
  'messages',
  'error_type',
  'aborted',
  'run_id',
  'dialect',
  'service_name',
  'service_version',
  'environment',
  'trace_id',
  'span_id',
  'parent_span_id',
  'truncated',
  'call_count',
  'models',
  'tools',
  'error_count',
  'tokens_by_model',
  'calls',
  'resumed',
  'resumes',
  'turn_id',
] as const;

export type FactName = (typeof FACT_NAMES)[number];

/** Facts while they are collected. A fact whose name is not in {@link FACT_NAMES} does not compile. */
export type Facts = Partial<Record<FactName, PropertyValue>>;

/** Facts of which the values are still to be converted to JSON. */
export type RawFacts = Readonly<Partial<Record<FactName, unknown>>>;
