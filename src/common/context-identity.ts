import { warnOnce } from './logger.js';
import { kindOf } from './unknown-values.js';

/** The user and the conversation that a call belongs to, as far as they are known. */
export interface UserAndThread {
  readonly userId?: string;
  readonly threadId?: string;
}

/** `open`: kept so far, but a span above can still be opted out. */
export type OptOutState = 'kept' | 'open' | 'withdrawn';

/** The identity that `withTrubrics()` and baggage put into an OpenTelemetry context. */
export interface ContextIdentity extends UserAndThread {
  readonly tags?: readonly string[];
  readonly properties?: Readonly<Record<string, unknown>>;
  /** False: LLM calls made inside are not recorded. */
  readonly record?: boolean;
  /** Returns the state of the opt-out on spans above that are not among the known ancestors, at the time of the call. */
  readonly optOutAbove?: () => OptOutState;
  /** Ids that are sent to called services as baggage: both, one of them, or none. */
  readonly propagate?: boolean | readonly ('userId' | 'threadId')[];
}

/** Returns the first user and the first thread that any of the sources knows. They may come from different sources. */
export function firstUserAndThread(sources: readonly (UserAndThread | undefined)[]): UserAndThread {
  const userId = sources.find((source) => source?.userId)?.userId;
  const threadId = sources.find((source) => source?.threadId)?.threadId;
  // Object literals: spreading conditional parts takes longer than the rest of a record (test/bench/reading.mjs).
  if (userId === undefined) return threadId === undefined ? {} : { threadId };
  return threadId === undefined ? { userId } : { userId, threadId };
}

/** Merges two nested identities: values of the inner one win, tags and properties add up, outer ones first. */
export function mergeIdentities(outer: ContextIdentity | undefined, inner: ContextIdentity): ContextIdentity {
  if (!outer) return inner;
  const record = inner.record ?? outer.record;
  const propagate = inner.propagate ?? outer.propagate;
  const optOutAbove = inner.optOutAbove ?? outer.optOutAbove;
  return {
    ...firstUserAndThread([inner, outer]),
    tags: [...(outer.tags ?? []), ...(inner.tags ?? [])],
    properties: { ...outer.properties, ...inner.properties },
    ...(record !== undefined && { record }),
    ...(propagate !== undefined && { propagate }),
    ...(optOutAbove && { optOutAbove }),
  };
}

/**
 * Returns whether the value of an opt-out allows to record: only `true` does. A value that is no boolean, such as `"false"`, `0` or null,
 * was meant to say something, so nothing is recorded. Warns of it once; `name` tells where it was found.
 */
export function allowsRecording(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean')
    warnOnce(
      `${name} is ${kindOf(value)}, not a boolean: what it concerns is not recorded. Give true or false.`,
    );
  return value === true;
}
