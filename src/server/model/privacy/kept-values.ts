import type { FactName } from '../../../records/model/fact-names.js';
import type { PropertyValue } from '../../../records/model/prompt-record.js';
import { NAME_PROPERTY } from '../lists.js';
import { isPropertyDimension, KNOWN_DIMENSIONS, propertyOf } from '../measure/dimensions.js';
import { toNumber } from '../measures.js';

/** Facts that are numbers or booleans, or texts that are numbers. */
const NUMBER_FACTS = [
  'temperature',
  'top_p',
  'max_tokens',
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'cost',
  'cached',
  'streaming',
  'time_to_first_token',
  'tool_call_count',
  'choice_count',
  'aborted',
  'truncated',
  'call_count',
  'error_count',
  'resumed',
] as const satisfies readonly FactName[];

/** Facts that are texts, or may be where a record is sent by hand: a schema, the definition of a tool. */
type TextFact =
  'system_prompt' | 'messages' | 'prompt_template' | 'response_format' | 'tool_choice' | 'tools';

/** Facts that are names and ids. A new fact does not compile unless it is here, or above. */
const NAME_FACTS: Readonly<Record<Exclude<FactName, (typeof NUMBER_FACTS)[number] | TextFact>, true>> = {
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
  'cost_currency',
  'cost_by_model',
  'feedback_type',
  'source',
  'metric',
  'component',
  'internal',
  'user_agent.synthetic.type',
]);

/** Properties that numbers are read from. */
const NUMBERS: ReadonlySet<string> = new Set([
  ...NUMBER_FACTS,
  'priced_calls',
  'unpriced_calls',
  'max',
  'max_score',
  'min',
  'min_score',
]);

/** Members of `calls`, `tool_calls`, `tokens_by_model` and `cost_by_model` that are no properties of their own. */
const MEMBERS: ReadonlySet<string> = new Set([
  'name',
  'function',
  'error',
  'input',
  'output',
  'priced',
  'unpriced',
]);

/** Properties whose texts stay as they are, because they are fields of this record or of another one as well. */
const FIELDS: ReadonlySet<string> = new Set(['$event_id', '$thread_id', 'record_id', 'tags']);

const BY_MODEL: ReadonlySet<string> = new Set(['tokens_by_model', 'cost_by_model']);

/** Properties of feedback by which it counts: a word there is a rating or the name of an evaluation, a long text is a comment. */
const WORDS: ReadonlySet<string> = new Set(['score', 'value', 'rating', 'label', 'name', 'cleared']);
const LONGEST_WORD = 64;

/**
 * Stands where a text was under the name of a number or a name, because it counts that there is something: a failure has a type, a call has a turn.
 * The fallback of `error.type` in OpenTelemetry's semantic conventions.
 */
const OTHER = '_OTHER';

/** Names have up to 100 characters, and up to 200 without spaces, as those of deployments. */
const NAME = /^(?:[!-~]{0,200}|[^\p{Cc}\u2028\u2029]{0,100})$/u;
/** Occurs in JSON, or begins the arguments of a call. */
const NO_NAME = /[{}"]|\S\(/;

/** Depth of members that are looked at. */
const MAX_DEPTH = 3;

/**
 * Returns what is left of a property without what people wrote or read; undefined if it goes.
 *
 * @param kept further properties that hold no texts
 */
export function keptValue(
  name: string,
  value: PropertyValue,
  kept: ReadonlySet<string>,
): PropertyValue | undefined {
  if (isPlain(value) || kept.has(name)) return value;
  if (KEPT.has(name)) return isField(name, value) ? value : prune(name, value, 0);
  if (typeof value !== 'string') return undefined;
  if (NUMBERS.has(name)) return prune(name, value, 0);
  if (!WORDS.has(name)) return undefined;
  return value.length <= LONGEST_WORD && isName(value) ? value : OTHER;
}

/**
 * Returns true if a text by which a property groups records, as `valueText()` gives it, is a name or is made of names.
 *
 * @param kept further properties that hold no texts
 */
export function isNameOf(property: string, text: string, kept: ReadonlySet<string>): boolean {
  if (kept.has(property)) return true;
  if (!KEPT.has(property)) return false;
  const value = parsed(text);
  return JSON.stringify(keptValue(property, value, kept)) === JSON.stringify(value);
}

/** Returns the list or object that a text was made of; the text itself for any other value. */
function parsed(text: string): PropertyValue {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as PropertyValue;
  } catch {
    return text;
  }
}

function isPlain(value: PropertyValue): value is null | number | boolean {
  return value === null || typeof value === 'number' || typeof value === 'boolean';
}

function isField(name: string, value: PropertyValue): boolean {
  const texts = Array.isArray(value) ? value : [value];
  return FIELDS.has(name) && texts.every((text) => typeof text === 'string');
}

/** Returns a value with names and numbers alone. Lists keep their length: calls without a price are counted. */
function prune(name: string, value: PropertyValue, depth: number): PropertyValue {
  if (isPlain(value)) return value;
  if (typeof value === 'string') return isAllowed(name, value, depth) ? value : OTHER;
  if (depth > MAX_DEPTH) return OTHER;
  if (Array.isArray(value)) return value.map((item: PropertyValue) => prune(name, item, depth + 1));
  const isByModel = depth === 0 && BY_MODEL.has(name);
  const left = new Map<string, PropertyValue>();
  for (const [key, member] of Object.entries(value)) {
    if (isByModel)
      left.set(isName(key) && !left.has(key) ? key : freeName(left), prune(name, member, depth + 1));
    else if (KEPT.has(key) || NUMBERS.has(key) || MEMBERS.has(key))
      left.set(key, prune(key, member, depth + 1));
  }
  return Object.fromEntries(left);
}

function isAllowed(name: string, text: string, depth: number): boolean {
  if (NUMBERS.has(name) || (MEMBERS.has(name) && name !== 'name')) return toNumber(text) !== undefined;
  if (name === 'calls' || BY_MODEL.has(name)) return false;
  // Tools have no parentheses in their names, people give them to prompts: `Greeting (short)`.
  const isTool = name === 'tool_calls' || (depth > 0 && name === 'name');
  return isName(text) && !(isTool && text.includes('('));
}

function isName(text: string): boolean {
  return NAME.test(text) && !NO_NAME.test(text);
}

/** Tokens of a model whose name goes still count. */
function freeName(taken: ReadonlyMap<string, unknown>): string {
  let name = OTHER;
  for (let count = 2; taken.has(name); count++) name = `${OTHER} ${count}`;
  return name;
}
