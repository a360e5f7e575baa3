import { readIdentity } from '../../reading/fields/identity.js';
import type { LlmCall } from '../../reading/model/llm-call.js';
import type { SpanLike } from '../../reading/model/span-like.js';
import { resolveIdentity, type ResolvedIdentity } from '../model/identity.js';
import type { PromptRecord } from '../model/prompt-record.js';
import { toPromptRecord, type RecordSettings } from './to-prompt-record.js';
import type { ContextIdentity, UserAndThread } from '../../common/context-identity.js';

/** Where a call was made: what is known from around its span. */
export interface CallSurroundings {
  readonly span: SpanLike;
  /** The spans above it in the same process, nearest first. */
  readonly ancestors: readonly SpanLike[];
  /** `withTrubrics()`, as it was when the span started. */
  readonly contextIdentity?: ContextIdentity | undefined;
}

/** Everything that decides how a record is written. */
export interface RecordingSettings extends RecordSettings {
  readonly userId?: ((call: LlmCall, span: SpanLike) => string | undefined) | undefined;
  readonly threadId?: ((call: LlmCall, span: SpanLike) => string | undefined) | undefined;
  readonly defaultUserId?: string | undefined;
}

/** The record of one call, and who asked. */
export function recordCall(
  call: LlmCall,
  { span, ancestors, contextIdentity = {} }: CallSurroundings,
  settings: RecordingSettings,
): { readonly record: PromptRecord; readonly identity: ResolvedIdentity } {
  const identity = resolveIdentity({
    explicit: {
      ...ask('userId', settings.userId, call, span),
      ...ask('threadId', settings.threadId, call, span),
    },
    own: call,
    // Ancestors are looked at only while something is missing: most calls know their user themselves.
    ancestors:
      call.userId && call.threadId ? [] : ancestors.map((ancestor) => readIdentity(ancestor.attributes)),
    contextIdentity,
    defaultUserId: settings.defaultUserId,
  });
  return { identity, record: toPromptRecord(call, identity, settings, contextIdentity) };
}

/** A user's function may fail; then it has no opinion. */
function ask(
  name: 'userId' | 'threadId',
  fn: RecordingSettings['userId'],
  call: LlmCall,
  span: SpanLike,
): UserAndThread {
  if (!fn) return {};
  try {
    const id = fn(call, span);
    return typeof id === 'string' && id !== '' ? { [name]: id } : {};
  } catch {
    return {};
  }
}
