import type { RecordStore } from '../engines/record-store.js';
import { BadQueryError } from '../query/parse-query.js';

export interface StoreObserver {
  /** A write has succeeded. */
  readonly onWrite: (seconds: number) => void;
  /** A method of the store has failed, for another reason than a wrong query. */
  readonly onError: (operation: string) => void;
}

/** Returns a store that does the same, and tells how long its writes take and which calls fail. */
export function observedStore(store: RecordStore, observer: StoreObserver): RecordStore {
  return new Proxy(store, {
    get(target, name) {
      // Getters and methods of a class with private fields need the object itself.
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      return (...args: readonly unknown[]): unknown => {
        const startedAt = performance.now();
        const result: unknown = Reflect.apply(value, target, args);
        if (!(result instanceof Promise)) return result;
        return result.then(
          (answer: unknown) => {
            if (name === 'put') observer.onWrite((performance.now() - startedAt) / 1000);
            return answer;
          },
          (error: unknown) => {
            if (!(error instanceof BadQueryError)) observer.onError(name);
            throw error;
          },
        );
      };
    },
  });
}
