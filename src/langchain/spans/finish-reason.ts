import { asRecord, asText, lookUp, type UnknownRecord } from '../../common/unknown-values.js';

/** Finish reason of a provider, in lower case → finish reason of the conventions. */
const FINISH_REASONS: Readonly<Record<string, string>> = {
  stop: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  eos: 'stop',
  eos_token: 'stop',
  complete: 'stop',
  completed: 'stop',
  length: 'length',
  max_tokens: 'length',
  max_output_tokens: 'length',
  model_length: 'length',
  model_context_window_exceeded: 'length',
  incomplete: 'length',
  tool_call: 'tool_call',
  tool_calls: 'tool_call',
  tool_use: 'tool_call',
  function_call: 'tool_call',
  content_filter: 'content_filter',
  content_filtered: 'content_filter',
  guardrail_intervened: 'content_filter',
  refusal: 'content_filter',
  safety: 'content_filter',
  recitation: 'content_filter',
  blocklist: 'content_filter',
  prohibited_content: 'content_filter',
  spii: 'content_filter',
  error: 'error',
  failed: 'error',
  malformed_function_call: 'error',
};

/**
 * Returns the finish reason in the terms of the conventions. One that they do not have stays as the provider wrote it.
 *
 * `callsTools` is needed because Google, Ollama and OpenAI's Responses API report "stop" for tool calls too.
 */
export function finishReason(
  generationInfo: unknown,
  message: unknown,
  callsTools: boolean,
): string | undefined {
  const raw = rawFinishReason(asRecord(generationInfo), asRecord(message));
  if (raw === undefined) return undefined;
  const normalised = lookUp(FINISH_REASONS, raw.toLowerCase()) ?? raw;
  return normalised === 'stop' && callsTools ? 'tool_call' : normalised;
}

function rawFinishReason(info: UnknownRecord, message: UnknownRecord): string | undefined {
  const metadata = asRecord(message['response_metadata']);
  const direct =
    namedReason(info) ?? namedReason(metadata) ?? namedReason(asRecord(message['additional_kwargs']));
  if (direct !== undefined) return direct;
  const { messageStop, incomplete_details, status } = metadata;
  return (
    asText(asRecord(messageStop)['stopReason']) ??
    asText(asRecord(incomplete_details)['reason']) ??
    asText(status)
  );
}

/** Reads each property by its literal name instead of in a loop, because this runs for every answer (test/bench/langchain.mjs). */
function namedReason(place: UnknownRecord): string | undefined {
  const { finish_reason, stop_reason, finishReason, stopReason, done_reason } = place;
  return (
    asText(finish_reason) ??
    asText(stop_reason) ??
    asText(finishReason) ??
    asText(stopReason) ??
    asText(done_reason)
  );
}
