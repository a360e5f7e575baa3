import type { ContextIdentity, UserAndThread } from '../../common/context-identity.js';
import { ignoreRejection } from '../../common/safely.js';
import { idText } from '../../common/id-text.js';
import { readIdentity } from '../../reading/fields/identity.js';
import type { LlmCall } from '../../reading/model/llm-call.js';
import type { SpanLike } from '../../reading/model/span-like.js';
import type { RawFacts } from '../model/fact-names.js';
import type { PromptRecord } from '../model/prompt-record.js';
import type { RecordSettings } from '../model/record-settings.js';
import { resolveIdentity, type ResolvedIdentity } from './resolve-identity.js';
import { toPromptRecord } from './to-prompt-record.js';

/** Span of a call and the surroundings of that span. */
export interface CallSurroundings {
  readonly span: SpanLike;
  /** Enclosing spans of the same process, nearest first. */
  readonly ancestors: readonly SpanLike[];
  /** `withTrubrics()` and baggage at the start of the span. */
  readonly contextIdentity?: ContextIdentity | undefined;
}

/** Builds the record of one call and resolves its user and thread. `facts` are further properties that are not a user's. */
export function recordCall(
  call: LlmCall,
  { span, ancestors, contextIdentity = {} }: CallSurroundings,
  settings: RecordSettings,
  facts?: RawFacts,
): { readonly record: PromptRecord; readonly identity: ResolvedIdentity } {
  const identity = resolveIdentity({
    explicit: {
      ...callUserFunction('userId', settings.userId, call, span),
      ...callUserFunction('threadId', settings.threadId, call, span),
    },
    own: call,
    // Ancestors are read only if the call lacks a user or a thread. Most calls have both.
    ancestors:
      call.userId && call.threadId ? [] : ancestors.map((ancestor) => readIdentity(ancestor.attributes)),
    contextIdentity,
    defaultUserId: settings.defaultUserId,
  });
  return { identity, record: toPromptRecord(call, identity, settings, contextIdentity, facts) };
}

/** Returns the id from the user's function. If the function throws, its result is treated as undefined. */
function callUserFunction(
  name: 'userId' | 'threadId',
  fn: RecordSettings['userId'],
  call: LlmCall,
  span: SpanLike,
): UserAndThread {
  if (!fn) return {};
  try {
    const returned: unknown = fn(call, span);
    // An asynchronous function has no id in time.
    ignoreRejection(returned);
    const id = idText(returned);
    return id === undefined ? {} : { [name]: id };
  } catch {
    return {};
  }
}
