import type { ResolvedIdentity } from '../model/identity.js';
import type { PromptRecord } from '../model/prompt-record.js';
import { recordCall, type AmbientIdentity, type RecordingSettings } from '../calls/record-call.js';
import type { ResumableTurns } from './resumable-turns.js';
import { toTurnCall, turnProperties } from './turn-call.js';
import { isAnswered, type TurnGroup } from './turn-groups.js';
import type { LlmCall } from '../../reading/model/llm-call.js';

/** A record, the call or the turn in the shape of a call that it tells of, and who asked. */
export interface WrittenRecord {
  readonly record: PromptRecord;
  readonly call: LlmCall;
  readonly identity: ResolvedIdentity;
}

/** The record of one turn, the turn in the shape of a call, and who asked. */
export function recordTurn(
  group: TurnGroup,
  settings: RecordingSettings,
  resumable?: ResumableTurns,
): WrittenRecord {
  const { calls } = group;
  const call = toTurnCall(group);
  const ancestors = [...new Set(calls.flatMap((part) => part.ancestors))];
  const span = calls.find((part) => Object.keys(part.span.attributes).length > 0)?.span ?? calls[0]?.span;
  if (!span) throw new TypeError('A turn has at least one call.');
  const { record, identity } = recordCall(
    call,
    { span, ancestors, ambient: ambientOf(group) },
    { ...settings, properties: { ...turnProperties(group), ...settings.properties } },
  );
  const question = calls.find((part) => part.question)?.question;
  const resumes = resumable?.settle(
    identity,
    question,
    group.id,
    isAnswered(calls) || call.error !== undefined,
  );
  if (resumes === undefined) return { record, call, identity };
  return {
    record: { ...record, properties: { ...record.properties, resumed: true, resumes } },
    call,
    identity,
  };
}

/** What was set around any of the calls; the first to say something wins. */
function ambientOf({ calls }: TurnGroup): AmbientIdentity {
  const all = calls.flatMap(({ ambient }) => (ambient ? [ambient] : []));
  const userId = all.find((ambient) => ambient.userId)?.userId;
  const threadId = all.find((ambient) => ambient.threadId)?.threadId;
  return {
    ...(userId !== undefined && { userId }),
    ...(threadId !== undefined && { threadId }),
    tags: [...new Set(all.flatMap((ambient) => ambient.tags ?? []))],
    properties: Object.assign(
      {},
      ...all.toReversed().map((ambient) => ambient.properties),
    ) as object as Readonly<Record<string, unknown>>,
  };
}
