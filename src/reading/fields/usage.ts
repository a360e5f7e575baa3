import { toNumber, toRecord, type NamedAttributes } from '../model/attributes.js';
import { rememberNames } from '../model/remember-names.js';
import type { TokenUsage } from '../model/llm-call.js';

/** Counts by their names in lower case without separators. The first match decides; `undefined`: no count, or one of a part. */
const COUNTS: readonly (readonly [RegExp, keyof TokenUsage | undefined])[] = [
  [/cost|sav|rat(?:e|io)|audio|image|video|miss|nocache|uncached|ephemeral/, undefined],
  [/cache.*(?:creat|writ)/, 'cacheWriteTokens'],
  [/cache/, 'cacheReadTokens'],
  [/reason|thought|thinking/, 'reasoningTokens'],
  [/^(?:input|prompt)(?:tokens?(?:count|total)?)?$/, 'inputTokens'],
  [/^(?:output|completion|candidates)(?:tokens?(?:count|total)?)?$/, 'outputTokens'],
  [/^(?:tokens|total(?:tokens?(?:count)?)?)$/, 'totalTokens'],
];

/** Returns the count that a name stands for in any spelling, `cache_read.input_tokens` or `cachedContentTokenCount`, otherwise an empty text. */
const countOf = rememberNames((name) => {
  const words = name.toLowerCase().replace(/[^a-z]/g, '');
  return COUNTS.find(([names]) => names.test(words))?.[1] ?? '';
});

/** Like {@link countOf}, for the attributes of the GenAI conventions, of OpenLLMetry, OpenInference and the AI SDK. */
const countOfAttribute = rememberNames((name) => {
  const words = ATTRIBUTE.exec(name)?.[1];
  return words === undefined ? '' : countOf(words);
});

const ATTRIBUTE =
  /^(?:(?:gen_ai|llm|ai)\.(?:usage|token_count)|gen_ai\.response(?=\.(?:prompt|completion)_tokens$))\.(.+)/;

/** Reads the counts of a span as they are. They are not yet inclusive: see {@link withInclusiveInput}. */
export function readCounts({ attributes, names }: NamedAttributes): TokenUsage {
  const usage: Counts = {};
  for (const name of names) {
    const count = countOfAttribute(name);
    if (count !== '') addCount(usage, count, attributes[name]);
  }
  return usage;
}

/** Reads the counts in the usage object of a body, and in the objects with details in it, as they are. */
export function countsIn(body: Readonly<Record<string, unknown>>): TokenUsage {
  const usage: Counts = {};
  for (const [name, value] of Object.entries(body)) {
    addCount(usage, countOf(name), value);
    const details = toRecord(value) ?? {};
    for (const detail of Object.keys(details)) addCount(usage, countOf(`${name} ${detail}`), details[detail]);
  }
  return usage;
}

type Counts = { -readonly [K in keyof TokenUsage]: TokenUsage[K] };

/** Adds a count, unless it is known. Proxies write both spellings of a count, one of them as 0. */
function addCount(usage: Counts, name: keyof TokenUsage | '', value: unknown): void {
  if (name === '' || usage[name]) return;
  const count = toNumber(value);
  if (count !== undefined && count >= 0) usage[name] = count;
}

/**
 * Adds cached tokens to the input tokens if these do not contain them. Anthropic's and Bedrock's own counts do not. Passed-on counts
 * are recognised by more cached tokens than input tokens, or by a total that is the sum of all. Adds reasoning tokens to the output tokens if the
 * total shows that they are counted separately, as Gemini does.
 */
export function withInclusiveInput(given: TokenUsage, exclusive = false): TokenUsage {
  const usage = withThoughts(given);
  const { inputTokens, outputTokens = 0, totalTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = usage;
  const cached = cacheReadTokens + cacheWriteTokens;
  if (inputTokens === undefined || cached === 0) return usage;
  const inclusive = inputTokens + cached;
  if (!exclusive && cached <= inputTokens && totalTokens !== inclusive + outputTokens) return usage;
  const sum = totalTokens === inputTokens + outputTokens ? { totalTokens: totalTokens + cached } : {};
  return { ...usage, inputTokens: inclusive, ...sum };
}

function withThoughts(usage: TokenUsage): TokenUsage {
  const { inputTokens = 0, outputTokens, totalTokens, reasoningTokens = 0 } = usage;
  if (outputTokens === undefined || reasoningTokens === 0) return usage;
  const areSeparate = totalTokens === inputTokens + outputTokens + reasoningTokens;
  return areSeparate ? { ...usage, outputTokens: outputTokens + reasoningTokens } : usage;
}
