import type { OrUndefined } from '../common/options/define-options.js';
import { locateCalls } from '../reading/calls/deduplicate-calls.js';
import type { LocatedCall } from '../reading/calls/located-call.js';
import { hasContent } from '../reading/calls/merge-calls.js';
import { omitUndefined } from '../reading/fields/omit-undefined.js';
import type { LlmCall } from '../reading/model/llm-call.js';
import type { SpanLike } from '../reading/model/span-like.js';
import { recordCall } from './calls/record-call.js';
import type { PromptRecord } from './model/prompt-record.js';
import { DEFAULT_RECORD_SETTINGS, type RecordSettings } from './model/record-settings.js';
import { isOptedOut } from './privacy/opt-out.js';
import { groupTurns } from './turns/group-turns.js';
import { questionOf } from './turns/question.js';
import { recordTurn } from './turns/record-turn.js';
import { ResumableTurns } from './turns/resumable-turns.js';

/** Options of {@link toPromptRecords}. All optional; defaults as in `TrubricsOptions`. */
export interface ToPromptRecordsOptions extends Partial<OrUndefined<RecordSettings>> {
  /** Includes records of failed calls. Default: false, because the processor sends them as events. */
  readonly includeErrors?: boolean | undefined;
  /** `"turn"`: one record for all calls that answer one user message. Default: `"call"`. */
  readonly granularity?: 'call' | 'turn' | undefined;
}

/**
 * Returns prompt records of all LLM calls among `spans`, in the order of the spans. Pure: the same spans always give the same records.
 *
 * Pass all spans of a trace in one call: nested LLM spans of one call are counted once, and user and thread are also read from the
 * spans above. Calls without recorded content and calls that were opted out are omitted.
 */
export function toPromptRecords(
  spans: readonly SpanLike[],
  options: ToPromptRecordsOptions = {},
): PromptRecord[] {
  const settings: RecordSettings = { ...DEFAULT_RECORD_SETTINGS, ...omitUndefined(options) };
  const located = locateCalls(spans, { admits: (call) => !isOptedOut(call) });
  const written =
    options.granularity === 'turn' ? recordTurns(located, settings) : recordCalls(located, settings);
  return written
    .filter((one) => one.hasContent && (options.includeErrors === true || !one.call.error))
    .map(({ record }) => record)
    .filter((record) => record.prompt !== '');
}

interface RecordWithCall {
  readonly record: PromptRecord;
  readonly call: LlmCall;
  /** For a turn: true if any of its calls has content. */
  readonly hasContent: boolean;
}

function recordCalls(located: readonly LocatedCall[], settings: RecordSettings): RecordWithCall[] {
  return located.map(({ call, span, ancestors }) => ({
    call,
    hasContent: hasContent(call),
    record: recordCall(call, { span, ancestors }, settings).record,
  }));
}

function recordTurns(located: readonly LocatedCall[], settings: RecordSettings): RecordWithCall[] {
  const resumable = new ResumableTurns();
  const calls = located.map((part) => ({ ...part, question: questionOf(part.call) }));
  return groupTurns(calls).map((turn) => {
    const { record, call } = recordTurn(turn, settings, resumable);
    return { record, call, hasContent: turn.calls.some((part) => hasContent(part.call)) };
  });
}
