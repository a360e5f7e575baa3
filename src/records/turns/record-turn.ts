import type { ResolvedIdentity } from '../model/identity.js';
import type { PromptRecord } from '../model/prompt-record.js';
import { recordCall, type RecordingSettings } from '../calls/record-call.js';
import type { ResumableTurns } from './resumable-turns.js';
import { toTurnCall, turnProperties } from './turn-call.js';
import { isAnswered, type TurnGroup } from './turn-groups.js';
import type { LlmCall } from '../../reading/model/llm-call.js';
import { firstUserAndThread, type ContextIdentity } from '../../common/context-identity.js';

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
    { span, ancestors, contextIdentity: contextIdentityOf(group) },
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
function contextIdentityOf({ calls }: TurnGroup): ContextIdentity {
  const all = calls.flatMap(({ contextIdentity }) => (contextIdentity ? [contextIdentity] : []));
  return {
    ...firstUserAndThread(all),
    tags: [...new Set(all.flatMap((contextIdentity) => contextIdentity.tags ?? []))],
    properties: Object.assign(
      {},
      ...all.toReversed().map((contextIdentity) => contextIdentity.properties),
    ) as object as Readonly<Record<string, unknown>>,
  };
}
