import { type Context, context, createContextKey } from '@opentelemetry/api';

/** Who is asking, and what is known about it. */
export interface Identity {
  readonly userId?: string;
  readonly threadId?: string;
  /** Added to the tags of every record made inside. */
  readonly tags?: readonly string[];
  /** Added to the properties of every record made inside. */
  readonly properties?: Readonly<Record<string, unknown>>;
}

// createContextKey() is Symbol.for(): two copies of this package share the key.
const IDENTITY_KEY = createContextKey('opentelemetry-exporter-trubrics.identity');

/**
 * Runs `fn` so that every LLM call made inside is recorded for this user and thread, unless the call itself says otherwise.
 *
 * Nests: inner values win, tags and properties add up. It needs a context manager, which every OpenTelemetry set-up for Node
 * registers (`provider.register()`, `NodeSDK`); without one it runs `fn` and changes nothing.
 *
 * ```ts
 * app.post('/chat', (req, res) => withTrubrics({ userId: req.user.id, threadId: req.body.chatId }, () => answer(req, res)));
 * ```
 */
export function withTrubrics<T>(identity: Identity, fn: () => T): T {
  const outer = identityOf(context.active());
  return context.with(context.active().setValue(IDENTITY_KEY, mergeIdentities(outer, identity)), fn);
}

/** The identity that {@link withTrubrics} put into a context. */
export function identityOf(ctx: Context): Identity | undefined {
  return ctx.getValue(IDENTITY_KEY) as Identity | undefined;
}

function mergeIdentities(outer: Identity | undefined, inner: Identity): Identity {
  if (!outer) return { ...inner };
  const userId = inner.userId ?? outer.userId;
  const threadId = inner.threadId ?? outer.threadId;
  return {
    ...(userId !== undefined && { userId }),
    ...(threadId !== undefined && { threadId }),
    tags: [...(outer.tags ?? []), ...(inner.tags ?? [])],
    properties: { ...outer.properties, ...inner.properties },
  };
}
