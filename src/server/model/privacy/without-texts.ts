import type { FactName } from '../../../records/model/fact-names.js';
import type { PropertyValue } from '../../../records/model/prompt-record.js';
import { isPropertyDimension, KNOWN_DIMENSIONS, propertyOf } from '../measure/dimensions.js';
import { NAME_PROPERTY } from '../lists.js';
import type { NewRecord } from '../stored-record.js';

/** Property of a record whose texts were erased because they were old: true. */
export const TEXT_ERASED = 'text_erased';

/** Facts that are numbers or booleans, which stay under any name. */
type NumberFact =
  | 'temperature'
  | 'top_p'
  | 'max_tokens'
  | 'input_tokens'
  | 'output_tokens'
  | 'total_tokens'
  | 'cache_read_tokens'
  | 'cache_write_tokens'
  | 'reasoning_tokens'
  | 'cost'
  | 'cached'
  | 'streaming'
  | 'time_to_first_token'
  | 'tool_call_count'
  | 'choice_count'
  | 'aborted'
  | 'truncated'
  | 'call_count'
  | 'error_count'
  | 'resumed';

/** Facts that are texts, or may be where a record is sent by hand: a schema, the definition of a tool. */
type TextFact =
  'system_prompt' | 'messages' | 'prompt_template' | 'response_format' | 'tool_choice' | 'tools';

/** Facts that are names and ids. A new fact does not compile unless it is here, or one of the types above names it. */
const NAME_FACTS: Readonly<Record<Exclude<FactName, NumberFact | TextFact>, true>> = {
  provider: true,
  request_model: true,
  operation: true,
  service_tier: true,
  finish_reason: true,
  tool_calls: true,
  prompt_name: true,
  prompt_version: true,
  error_type: true,
  run_id: true,
  dialect: true,
  service_name: true,
  service_version: true,
  environment: true,
  trace_id: true,
  span_id: true,
  parent_span_id: true,
  models: true,
  tokens_by_model: true,
  calls: true,
  resumes: true,
  turn_id: true,
};

/** Properties that hold names and ids, and no texts of people. Values that are neither numbers nor booleans stay under these names alone. */
const KEPT: ReadonlySet<string> = new Set([
  // An intent is made of words that somebody has written.
  ...KNOWN_DIMENSIONS.flatMap(({ name, dimension }) =>
    isPropertyDimension(dimension) && name !== 'intent' ? [propertyOf(dimension)] : [],
  ),
  NAME_PROPERTY,
  '$event_id',
  '$thread_id',
  '$assistant_id',
  ...Object.keys(NAME_FACTS),
  'tags',
  'model',
  'record_id',
  'cost_source',
  'cost_table',
  'cost_by_model',
  'feedback_type',
  'source',
  'metric',
  'component',
  'internal',
  'user_agent.synthetic.type',
]);

/** Properties of feedback by which it counts: a word there is a rating or the name of an evaluation, a long text is a comment. */
const WORDS: ReadonlySet<string> = new Set(['score', 'value', 'rating', 'label', 'name', 'cleared']);
const LONGEST_WORD = 64;

/** Returns true for properties that hold names and ids. @param kept further ones */
export function holdsNames(property: string, kept: ReadonlySet<string>): boolean {
  return KEPT.has(property) || kept.has(property);
}

/** Returns true if the texts of a record were erased. */
export function isTextErased({ properties }: { readonly properties: object }): boolean {
  return (properties as Readonly<Record<string, unknown>>)[TEXT_ERASED] === true;
}

/**
 * Returns a record without what people wrote or read: prompt and answer are empty, and of the properties only numbers, booleans, names and ids
 * stay. Every number that is counted of it stays the same.
 *
 * @param kept further properties that hold no texts
 */
export function withoutTexts<T extends NewRecord>(record: T, kept: ReadonlySet<string>): T {
  const properties: Record<string, PropertyValue> = {};
  for (const [name, value] of Object.entries(record.properties))
    if (isKept(name, value, kept)) properties[name] = value;
  properties[TEXT_ERASED] = true;
  return {
    ...record,
    ...(record.kind === 'prompt' && { prompt: '', generation: '' }),
    properties,
  };
}

function isKept(name: string, value: PropertyValue, kept: ReadonlySet<string>): boolean {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return true;
  if (kept.has(name)) return true;
  if (KEPT.has(name)) return hasNamesAlone(name, value);
  return WORDS.has(name) && typeof value === 'string' && value.length <= LONGEST_WORD;
}

/** Depth of the names in `calls` and `tokens_by_model`. */
const MAX_DEPTH = 3;

/** Returns true if every text in a value has a name that holds names. Arguments of tool calls, which only records by hand have, do not. */
function hasNamesAlone(name: string, value: PropertyValue, depth = 0): boolean {
  if (typeof value === 'string') return KEPT.has(name);
  if (typeof value !== 'object' || value === null) return true;
  if (depth > MAX_DEPTH) return false;
  return Array.isArray(value)
    ? value.every((item) => hasNamesAlone(name, item, depth + 1))
    : Object.entries(value).every(([key, member]) => hasNamesAlone(key, member, depth + 1));
}
