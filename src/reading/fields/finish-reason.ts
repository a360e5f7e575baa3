/** Normalised finish reasons by the words of providers and libraries, in lower case without separators. */
const FINISH_REASONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    stop: 'stop',
    endturn: 'stop',
    stopsequence: 'stop',
    completed: 'stop',
    complete: 'stop',
    eos: 'stop',
    length: 'length',
    maxtokens: 'length',
    maxoutputtokens: 'length',
    incomplete: 'length',
    modellength: 'length',
    toolcall: 'tool_call',
    toolcalls: 'tool_call',
    tooluse: 'tool_call',
    functioncall: 'tool_call',
    contentfilter: 'content_filter',
    contentfiltered: 'content_filter',
    guardrailintervened: 'content_filter',
    safety: 'content_filter',
    recitation: 'content_filter',
    refusal: 'content_filter',
    blocked: 'content_filter',
    blocklist: 'content_filter',
    prohibitedcontent: 'content_filter',
    spii: 'content_filter',
    error: 'error',
    failed: 'error',
  }),
);

/** States of a response that goes on: no reason for its end. The answers of streams are written with them. */
const UNFINISHED: ReadonlySet<string> = new Set(['in_progress', 'queued']);

/** Returns `stop`, `length`, `tool_call`, `content_filter` or `error`; an unknown reason in lower case with underscores. */
export function normaliseFinishReason(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const known = FINISH_REASONS.get(value);
  if (known !== undefined) return known;
  // Python writes an enumeration as `FinishReason.MAX_TOKENS`.
  const name = value.slice(value.lastIndexOf('.') + 1) || value;
  const reason = name.toLowerCase().replaceAll(/[\s-]+/g, '_');
  if (UNFINISHED.has(reason)) return undefined;
  return FINISH_REASONS.get(reason.replaceAll('_', '')) ?? reason;
}
