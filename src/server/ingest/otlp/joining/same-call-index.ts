import type { LlmCall } from '../../../../reading/model/llm-call.js';
import {
  fingerprintOf,
  isSameCall,
  matchKeysOf,
  type CallFingerprint,
} from '../../../../reading/calls/same-call.js';

/** A call in the index. `owner` is what it was added for. */
export interface IndexedCall<Owner> {
  readonly owner: Owner;
  readonly fingerprint: CallFingerprint;
}

/**
 * Finds the calls that two libraries traced side by side, perhaps in two traces, without comparing each call with each: such calls
 * share a key of `matchKeysOf()`, and have different scopes, or one of them is an agent. Keeps fingerprints, no contents.
 */
export class SameCallIndex<Owner> {
  /** By key of `matchKeysOf()`, then by scope. */
  readonly #byKey = new Map<string, Map<string, Set<IndexedCall<Owner>>>>();
  readonly #byOwner = new Map<Owner, readonly IndexedCall<Owner>[]>();

  /** Adds the calls of an owner in place of those that were added before. */
  set(owner: Owner, calls: readonly LlmCall[]): readonly IndexedCall<Owner>[] {
    this.remove(owner);
    if (calls.length === 0) return [];
    const indexed = calls.map((call) => ({ owner, fingerprint: fingerprintOf(call) }));
    this.#byOwner.set(owner, indexed);
    for (const one of indexed) for (const key of matchKeysOf(one.fingerprint)) this.#add(key, one);
    return indexed;
  }

  remove(owner: Owner): void {
    for (const one of this.#byOwner.get(owner) ?? [])
      for (const key of matchKeysOf(one.fingerprint)) {
        const scopes = this.#byKey.get(key);
        const calls = scopes?.get(scopeOf(one.fingerprint));
        calls?.delete(one);
        if (calls?.size === 0) scopes?.delete(scopeOf(one.fingerprint));
        if (scopes?.size === 0) this.#byKey.delete(key);
      }
    this.#byOwner.delete(owner);
  }

  /** Returns the other calls in the index that are the same call. */
  partnersOf({ fingerprint }: IndexedCall<Owner>): ReadonlySet<IndexedCall<Owner>> {
    const partners = new Set<IndexedCall<Owner>>();
    for (const key of matchKeysOf(fingerprint))
      for (const [scope, calls] of this.#byKey.get(key) ?? [])
        if (scope !== scopeOf(fingerprint))
          for (const other of calls) if (isSameCall(fingerprint, other.fingerprint)) partners.add(other);
    return partners;
  }

  #add(key: string, call: IndexedCall<Owner>): void {
    const scope = scopeOf(call.fingerprint);
    const scopes = this.#byKey.get(key) ?? new Map<string, Set<IndexedCall<Owner>>>();
    this.#byKey.set(key, scopes);
    const calls = scopes.get(scope);
    if (calls) calls.add(call);
    else scopes.set(scope, new Set([call]));
  }
}

/** Returns a text that is the same for calls that are never one call. */
function scopeOf({ scopes: [scope = ''], isAgent }: CallFingerprint): string {
  return isAgent ? `agent ${scope}` : scope;
}
