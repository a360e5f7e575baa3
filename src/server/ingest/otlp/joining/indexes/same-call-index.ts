import type { LlmCall } from '../../../../../reading/model/llm-call.js';
import {
  fingerprintOf,
  isSameCall,
  matchKeysOf,
  type CallFingerprint,
} from '../../../../../reading/calls/same-call.js';

/** A call in the index. `owner` is what it was added for. */
export interface IndexedCall<Owner> {
  readonly owner: Owner;
  readonly fingerprint: CallFingerprint;
  /** Keys of `matchKeysOf()`. */
  readonly keys: readonly string[];
  /** Equal for calls that are never one call. */
  readonly scope: string;
}

/** The calls with one key: by scope, those of each in the order of their start. */
type ByScope<Owner> = Map<string, IndexedCall<Owner>[]>;

/**
 * Calls of another scope that are compared: so many that started last before a call, and as many after it. Two spans of one call start within
 * milliseconds. A load test asks the same thousands of times: to compare each call with each took minutes for 4,000 spans.
 */
const NEAREST = 16;
/** Scopes that are compared, for the same reason. An application has a few. */
const MAX_SCOPES = 32;

/**
 * Finds the calls that two libraries traced side by side, perhaps in two traces, without comparing each call with each: such calls
 * share a key of `matchKeysOf()`, and have different scopes, or one of them is an agent. Keeps fingerprints, no contents.
 */
export class SameCallIndex<Owner> {
  /** By key. Most keys have one call: a map of sets for each would be a tenth of what intake takes (`npm run bench intake`). */
  readonly #byKey = new Map<string, IndexedCall<Owner> | ByScope<Owner>>();
  readonly #byOwner = new Map<Owner, readonly IndexedCall<Owner>[]>();

  /** Adds the calls of an owner in place of those that were added before. */
  set(owner: Owner, calls: readonly LlmCall[]): readonly IndexedCall<Owner>[] {
    this.remove(owner);
    if (calls.length === 0) return [];
    const indexed = calls.map((call) => toIndexed(owner, fingerprintOf(call)));
    this.#byOwner.set(owner, indexed);
    for (const one of indexed) for (const key of one.keys) this.#add(key, one);
    return indexed;
  }

  remove(owner: Owner): void {
    const indexed = this.#byOwner.get(owner);
    if (!indexed) return;
    for (const one of indexed) for (const key of one.keys) this.#remove(key, one);
    this.#byOwner.delete(owner);
  }

  /** Returns the other calls in the index that are the same call. */
  partnersOf(call: IndexedCall<Owner>): ReadonlySet<IndexedCall<Owner>> {
    let partners: Set<IndexedCall<Owner>> | undefined;
    for (const key of call.keys) {
      const known = this.#byKey.get(key);
      // Alone under this key, the call is its own.
      if (!(known instanceof Map)) continue;
      let scopes = 0;
      for (const [scope, calls] of known) {
        if (scope === call.scope) continue;
        if (scopes++ >= MAX_SCOPES) break;
        const at = placeIn(calls, call);
        for (const other of calls.slice(Math.max(0, at - NEAREST), at + NEAREST))
          if (isSameCall(call.fingerprint, other.fingerprint)) (partners ??= new Set()).add(other);
      }
    }
    return partners ?? NONE;
  }

  #add(key: string, call: IndexedCall<Owner>): void {
    const known = this.#byKey.get(key);
    if (known === undefined) {
      this.#byKey.set(key, call);
      return;
    }
    const scopes: ByScope<Owner> = known instanceof Map ? known : new Map([[known.scope, [known]]]);
    if (scopes !== known) this.#byKey.set(key, scopes);
    const calls = scopes.get(call.scope);
    if (calls) calls.splice(placeIn(calls, call), 0, call);
    else scopes.set(call.scope, [call]);
  }

  #remove(key: string, call: IndexedCall<Owner>): void {
    const known = this.#byKey.get(key);
    if (known === call) this.#byKey.delete(key);
    if (!(known instanceof Map)) return;
    const calls = known.get(call.scope) ?? [];
    const at = calls.indexOf(call, placeIn(calls, call));
    if (at !== -1) calls.splice(at, 1);
    if (calls.length === 0) known.delete(call.scope);
    if (known.size === 0) this.#byKey.delete(key);
  }
}

const NONE: ReadonlySet<never> = new Set<never>();

/** Returns the index of the first call that does not start before `call`. */
function placeIn<Owner>(calls: readonly IndexedCall<Owner>[], { fingerprint }: IndexedCall<Owner>): number {
  let [low, high] = [0, calls.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const isBefore = (calls[middle]?.fingerprint.startTimeMs ?? 0) < fingerprint.startTimeMs;
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}

function toIndexed<Owner>(owner: Owner, fingerprint: CallFingerprint): IndexedCall<Owner> {
  const { scopes, isAgent } = fingerprint;
  const [scope = ''] = scopes;
  return { owner, fingerprint, keys: matchKeysOf(fingerprint), scope: isAgent ? `agent ${scope}` : scope };
}
