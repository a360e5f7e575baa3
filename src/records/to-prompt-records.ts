import { hasContent } from '../reading/merge-calls.js';
import { locateCalls } from '../reading/locate-calls.js';
import type { SpanLike } from '../reading/span-like.js';
import type { PromptRecord } from './prompt-record.js';
import { recordCall, type RecordingSettings } from './record-call.js';

/** How {@link toPromptRecords} writes records. All optional; defaults as in `TrubricsOptions`. */
export interface ToPromptRecordsOptions extends Partial<RecordingSettings> {
  /** Whether failed calls are among the records. Default: false (they are events, not prompts). */
  readonly includeErrors?: boolean;
}

/** How records are written when nothing is said. */
export const DEFAULT_RECORDING: RecordingSettings = {
  maxTextLength: 100_000,
  systemPrompt: false,
  tags: [],
  properties: {},
};

/**
 * Prompt records of all LLM calls among `spans`, in the order in which the spans were given. Pure: the same spans always give
 * the same records.
 *
 * Spans of one trace belong together in one call: nested LLM spans of one call are counted once, and a user or thread that only
 * a span above knows is found there. Calls without recorded content are left out.
 */
export function toPromptRecords(
  spans: readonly SpanLike[],
  options: ToPromptRecordsOptions = {},
): PromptRecord[] {
  const settings = { ...DEFAULT_RECORDING, ...options };
  return locateCalls(spans)
    .filter(({ call }) => hasContent(call) && (options.includeErrors === true || !call.error))
    .map(({ call, span, ancestors }) => recordCall(call, { span, ancestors }, settings).record)
    .filter((record) => record.prompt !== '');
}
