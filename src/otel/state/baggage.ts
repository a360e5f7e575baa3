import { type Context, propagation } from '@opentelemetry/api';
import type { ContextIdentity } from '../../common/context-identity.js';
import { isList } from '../../common/unknown-values.js';
import type { BaggageKeys } from '../../config/options.js';
import { readIdentity } from '../../reading/fields/identity.js';

/** Longest value that is read, in characters. Any caller can set baggage. */
const MAX_VALUE_LENGTH = 1_000;

/** Returns the identity from the baggage of a context. `undefined`: no entry with one of the keys has a value. */
export function identityOfBaggage(ctx: Context, keys: BaggageKeys): ContextIdentity | undefined {
  const baggage = propagation.getBaggage(ctx);
  if (!baggage) return undefined;
  const read = (key: string | undefined): string | undefined =>
    key === undefined ? undefined : baggage.getEntry(key)?.value.slice(0, MAX_VALUE_LENGTH) || undefined;
  if (!isList(keys)) return toIdentity(read(keys.userId), read(keys.threadId), {});
  const found: Record<string, string> = {};
  for (const key of keys) {
    const value = read(key);
    if (value !== undefined) found[key] = value;
  }
  const { userId, threadId } = readIdentity(found);
  const others = Object.entries(found).filter(([, value]) => value !== userId && value !== threadId);
  return toIdentity(userId, threadId, Object.fromEntries(others));
}

function toIdentity(
  userId: string | undefined,
  threadId: string | undefined,
  properties: Readonly<Record<string, string>>,
): ContextIdentity | undefined {
  const hasProperties = Object.keys(properties).length > 0;
  if (userId === undefined && threadId === undefined && !hasProperties) return undefined;
  return {
    ...(userId !== undefined && { userId }),
    ...(threadId !== undefined && { threadId }),
    ...(hasProperties && { properties }),
  };
}
