import type { LlmCall } from '../reading/model/llm-call.js';
import { hasContent } from '../reading/calls/merge-calls.js';
import { locateCalls, type LocatedCall } from '../reading/calls/deduplicate-calls.js';
import type { SpanLike } from '../reading/model/span-like.js';
import { isOptedOut } from './privacy/opt-out.js';
import type { PromptRecord } from './model/prompt-record.js';
import { questionOf } from './turns/question.js';
import { recordCall, type RecordingSettings } from './calls/record-call.js';
import { recordTurn } from './turns/record-turn.js';
import { ResumableTurns } from './turns/resumable-turns.js';
import { groupTurns } from './turns/turn-groups.js';

/** How {@link toPromptRecords} writes records. All optional; defaults as in `TrubricsOptions`. */
export interface ToPromptRecordsOptions extends Partial<RecordingSettings> {
  /** Whether failed calls are among the records. Default: false (they are events, not prompts). */
  readonly includeErrors?: boolean;
  /** Whether a record is a call or a turn: all calls that answer one user message. Default: `"call"`. */
  readonly granularity?: 'call' | 'turn';
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
 * a span above knows is found there. Calls without recorded content, and those that were opted out, are left out.
 */
export function toPromptRecords(
  spans: readonly SpanLike[],
  options: ToPromptRecordsOptions = {},
): PromptRecord[] {
  const settings = { ...DEFAULT_RECORDING, ...options };
  const located = locateCalls(spans).filter(({ span, ancestors }) => !isOptedOut(span, ancestors, undefined));
  const written =
    options.granularity === 'turn'
      ? recordTurns(located, settings)
      : located.map(({ call, span, ancestors }) => ({
          call,
          isSaid: hasContent(call),
          record: recordCall(call, { span, ancestors }, settings).record,
        }));
  return written
    .filter(({ call, isSaid }) => isSaid && (options.includeErrors === true || !call.error))
    .map(({ record }) => record)
    .filter((record) => record.prompt !== '');
}

function recordTurns(located: readonly LocatedCall[], settings: RecordingSettings): Written[] {
  const resumable = new ResumableTurns();
  const calls = located.map((part) => ({ ...part, question: questionOf(part.call) }));
  return groupTurns(calls).map((turn) => {
    const { record, call } = recordTurn(turn, settings, resumable);
    return { record, call, isSaid: turn.calls.some((part) => hasContent(part.call)) };
  });
}

interface Written {
  readonly record: PromptRecord;
  readonly call: LlmCall;
  /** Whether anything of it was recorded. */
  readonly isSaid: boolean;
}
