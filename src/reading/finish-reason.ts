/** What providers and libraries call the same ending, in lower case and with `-` and spaces as `_`. */
const FINISH_REASONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    stop: 'stop',
    end_turn: 'stop',
    endturn: 'stop',
    stop_sequence: 'stop',
    completed: 'stop',
    complete: 'stop',
    eos: 'stop',
    length: 'length',
    max_tokens: 'length',
    max_output_tokens: 'length',
    incomplete: 'length',
    model_length: 'length',
    tool_call: 'tool_call',
    tool_calls: 'tool_call',
    tool_use: 'tool_call',
    tooluse: 'tool_call',
    function_call: 'tool_call',
    content_filter: 'content_filter',
    contentfilter: 'content_filter',
    content_filtered: 'content_filter',
    guardrail_intervened: 'content_filter',
    safety: 'content_filter',
    recitation: 'content_filter',
    refusal: 'content_filter',
    error: 'error',
    failed: 'error',
  }),
);

/** One of `stop`, `length`, `tool_call`, `content_filter`, `error`; an unknown reason stays as it is, in lower case. */
export function normaliseFinishReason(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const known = FINISH_REASONS.get(value);
  if (known !== undefined) return known;
  const reason = value.toLowerCase().replaceAll(/[\s-]+/g, '_');
  return FINISH_REASONS.get(reason) ?? reason;
}
