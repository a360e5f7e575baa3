import { firstUserAndThread, type ContextIdentity } from '../../common/context-identity.js';
import type { LlmCall } from '../../reading/model/llm-call.js';
import { withFacts } from '../calls/properties.js';
import { recordCall } from '../calls/record-call.js';
import type { ResolvedIdentity } from '../calls/resolve-identity.js';
import type { PromptRecord } from '../model/prompt-record.js';
import type { RecordSettings } from '../model/record-settings.js';
import { isAnswered, type TurnGroup } from './group-turns.js';
import type { ResumableTurns } from './resumable-turns.js';
import { questionCallOf, toTurnCall, turnProperties } from './turn-call.js';

/** A record, the call it was built from (for a turn: its calls merged), and the resolved user and thread. */
export interface WrittenRecord {
  readonly record: PromptRecord;
  readonly call: LlmCall;
  readonly identity: ResolvedIdentity;
}

/** Builds the record of one turn. With `resumable`, the record names the turn that it resumes. */
export function recordTurn(
  turn: TurnGroup,
  settings: RecordSettings,
  resumable?: ResumableTurns,
): WrittenRecord {
  const { calls } = turn;
  const call = toTurnCall(turn);
  const ancestors = [...new Set(calls.flatMap((part) => part.ancestors))];
  const { span } = calls.find((part) => Object.keys(part.span.attributes).length > 0) ?? calls[0];
  const { record, identity } = recordCall(
    call,
    { span, ancestors, contextIdentity: mergeContextIdentities(turn) },
    settings,
    turnProperties(turn),
  );
  const { question } = questionCallOf(calls);
  const isOver = isAnswered(calls) || call.error !== undefined;
  const resumes = resumable?.settle(identity, question, turn.id, isOver);
  if (resumes === undefined) return { record, call, identity };
  return {
    record: { ...record, properties: withFacts(record.properties, { resumed: true, resumes }) },
    call,
    identity,
  };
}

/** Merges the context identities of all calls. For each field, the first call that has it wins. */
function mergeContextIdentities({ calls }: TurnGroup): ContextIdentity {
  const all = calls.flatMap(({ contextIdentity }) => (contextIdentity ? [contextIdentity] : []));
  const properties: Record<string, unknown> = {};
  for (const identity of all.toReversed()) Object.assign(properties, identity.properties);
  return {
    ...firstUserAndThread(all),
    tags: [...new Set(all.flatMap((identity) => identity.tags ?? []))],
    properties,
  };
}
