import { type Context, context, createContextKey, propagation } from '@opentelemetry/api';
import { ATTR_SESSION_ID, ATTR_TRUBRICS_RECORD, ATTR_USER_ID } from '../common/semconv.js';
import { sharedState } from '../common/collections/shared-state.js';
import { idTextOrWarn } from '../common/id-text.js';
import { nodeModule } from '../common/web/node-module.js';
import { allowsRecording, mergeIdentities, type ContextIdentity } from '../common/context-identity.js';

/** User, conversation, and labels of the LLM calls that are made inside {@link withTrubrics}. */
export interface Identity {
  readonly userId?: string | undefined;
  readonly threadId?: string | undefined;
  /** Added to the tags of every record made inside. */
  readonly tags?: readonly string[] | undefined;
  /** Added to the properties of every record made inside. */
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
  /** `false`, or any other value that is not `true`: LLM calls made inside are not recorded. They are counted as `skipped: opted_out`. */
  readonly record?: boolean | undefined;
  /**
   * Sends `user.id` and `session.id` to called services by OpenTelemetry baggage, in a header of **every** outgoing request, to third
   * parties too. `["threadId"]` sends the thread alone. The other side reads it with the option `baggageKeys`. Default: false.
   */
  readonly propagate?: boolean | readonly ('userId' | 'threadId')[] | undefined;
}

// createContextKey() is Symbol.for(): two copies of this package share the key.
const IDENTITY_KEY = createContextKey('opentelemetry-exporter-trubrics.identity');

/**
 * Runs `fn` and returns its result. Every LLM call inside is recorded for this user and thread, unless the call itself names others.
 *
 * Calls can be nested: inner values win, tags and properties add up. Without OpenTelemetry's context manager, which an SDK registers, it
 * uses an `AsyncLocalStorage` of Node. In a runtime without both, such as a browser, it only runs `fn`.
 *
 * ```ts
 * app.post('/chat', (req, res) => withTrubrics({ userId: req.user.id, threadId: req.body.chatId }, () => answer(req, res)));
 * ```
 */
export function withTrubrics<T>(identity: Identity, fn: () => T): T {
  const active = context.active();
  const merged = mergeIdentities(identityOf(active), readSafely(identity));
  const inner = withBaggage(contextWithIdentity(active, merged), merged);
  const isActive = (): boolean => context.active().getValue(IDENTITY_KEY) === merged;
  return context.with(inner, () => (isActive() ? fn() : withoutManager(merged, fn)));
}

interface Storage {
  getStore(): ContextIdentity | undefined;
  run<T>(identity: ContextIdentity, fn: () => T): T;
}

const STORAGE_KEY = Symbol.for('opentelemetry-exporter-trubrics.identity-storage');

/** Runs `fn` in an application without a context manager. */
function withoutManager<T>(identity: ContextIdentity, fn: () => T): T {
  const { AsyncLocalStorage } = (nodeModule('node:async_hooks') ?? {}) as {
    AsyncLocalStorage?: new () => Storage;
  };
  if (!AsyncLocalStorage) return fn();
  return sharedState(STORAGE_KEY, () => new AsyncLocalStorage()).run(identity, fn);
}

/** Returns `ctx` with an identity in place of the one that {@link withTrubrics} put there. */
export function contextWithIdentity(ctx: Context, identity: ContextIdentity): Context {
  return ctx.setValue(IDENTITY_KEY, identity);
}

/** Returns the identity that {@link withTrubrics} put into a context, and the opt-out of the service that called this one. */
export function identityOf(ctx: Context): ContextIdentity | undefined {
  const stored = ctx.getValue(IDENTITY_KEY) as ContextIdentity | undefined;
  const identity = stored ?? (globalThis as { [STORAGE_KEY]?: Storage })[STORAGE_KEY]?.getStore();
  if (identity?.record !== undefined || !isOptedOutByBaggage(ctx)) return identity;
  return identity ? { ...identity, ...OPTED_OUT } : OPTED_OUT;
}

const OPTED_OUT: ContextIdentity = { record: false };

/**
 * Returns true if the baggage has an entry `trubrics.record` that is not `true`. It needs no allow-list, because it can only make less
 * be recorded.
 */
function isOptedOutByBaggage(ctx: Context): boolean {
  const entry = propagation.getBaggage(ctx)?.getEntry(ATTR_TRUBRICS_RECORD);
  return entry !== undefined && entry.value.trim().toLowerCase() !== 'true';
}

/** Returns the usable fields of a value of the application. A number is accepted as an id. */
function checkIdentity(given: unknown): ContextIdentity {
  const { userId, threadId, tags, properties, propagate } = (given ?? {}) as GivenIdentity;
  const user = idTextOrWarn('withTrubrics(): userId', userId);
  const thread = idTextOrWarn('withTrubrics(): threadId', threadId);
  return {
    ...(user !== undefined && { userId: user }),
    ...(thread !== undefined && { threadId: thread }),
    ...(Array.isArray(tags) && { tags: tags.filter((tag) => typeof tag === 'string') }),
    ...(typeof properties === 'object' && properties !== null && { properties: { ...properties } }),
    ...((typeof propagate === 'boolean' || Array.isArray(propagate)) && {
      propagate: propagate as Identity['propagate'] & {},
    }),
  };
}

type GivenIdentity = Partial<Record<keyof Identity, unknown>>;

/** Returns no fields but the opt-out if reading fails: the object may have getters that throw. */
function readSafely(identity: unknown): ContextIdentity {
  const record = readOptOut(identity);
  try {
    return { ...checkIdentity(identity), ...record };
  } catch {
    return record;
  }
}

/** Reads `record` alone, so that no other field can hide it. If it cannot be read, it counts as false. */
function readOptOut(identity: unknown): Pick<ContextIdentity, 'record'> {
  try {
    const { record } = (identity ?? {}) as GivenIdentity;
    return record === undefined ? {} : { record: allowsRecording('withTrubrics(): record', record) };
  } catch {
    return { record: false };
  }
}

function withBaggage(ctx: Context, { userId, threadId, propagate = false }: ContextIdentity): Context {
  if (propagate === false) return ctx;
  const sends = (name: 'userId' | 'threadId'): boolean => propagate === true || propagate.includes(name);
  let baggage = propagation.getBaggage(ctx) ?? propagation.createBaggage();
  if (userId !== undefined && sends('userId')) baggage = baggage.setEntry(ATTR_USER_ID, { value: userId });
  if (threadId !== undefined && sends('threadId'))
    baggage = baggage.setEntry(ATTR_SESSION_ID, { value: threadId });
  return propagation.setBaggage(ctx, baggage);
}
