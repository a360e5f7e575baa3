/** Reference that does not keep its object alive. */
export interface WeakReference<T extends object> {
  deref(): T | undefined;
}

/** Returns a weak reference; in runtimes without `WeakRef`, such as Cloudflare Workers before 2025-05-05, a strong one. */
export function weakReference<T extends object>(target: T): WeakReference<T> {
  return typeof WeakRef === 'undefined' ? { deref: () => target } : new WeakRef(target);
}

/** Calls `onCollected` with the value that was registered for an object, some time after the object was garbage-collected. */
export function collectionWatcher<V>(onCollected: (value: V) => void): {
  watch(target: object, value: V): void;
} {
  if (typeof FinalizationRegistry === 'undefined') return { watch: () => undefined };
  const registry = new FinalizationRegistry(onCollected);
  return { watch: (target, value) => registry.register(target, value) };
}
