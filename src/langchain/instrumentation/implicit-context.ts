import { asRecord, asText, hasMethod } from '../../common/unknown-values.js';
import { nodeModule } from '../../common/web/node-module.js';
import type { Patches } from './patches.js';
import type { RunHooks } from './activate-spans.js';

/** Global symbols under which all copies of LangChain and LangSmith share one AsyncLocalStorage. */
const CONFIG_STORAGE = Symbol.for('ls:tracing_async_local_storage');
const CHILD_CONFIG = Symbol.for('lc:child_config');

interface Storage {
  run(store: unknown, callback: (...args: unknown[]) => unknown, ...args: unknown[]): unknown;
}

/**
 * Activates the span of a run whenever LangChain enters the run's config: for the code of a lambda, graph node or tool.
 *
 * LangChain enters a config only if the storage exists, which LangGraph creates. This creates it for applications without LangGraph,
 * so that calls in a lambda belong to the lambda's run without passing its config.
 */
export function patchConfigStorage(patches: Patches, hooks: Pick<RunHooks, 'runInside'>): void {
  const holder = globalThis as { [CONFIG_STORAGE]?: unknown };
  holder[CONFIG_STORAGE] ??= createStorage();
  const storage = holder[CONFIG_STORAGE];
  if (!isStorage(storage)) return;
  // Patches the instance, because the class belongs to Node.
  if (!Object.hasOwn(storage, 'run')) {
    const run = Reflect.get(storage, 'run');
    Object.defineProperty(storage, 'run', { value: run, configurable: true, writable: true });
  }
  patches.replace(storage, 'run', (original) => {
    return function (this: unknown, store, callback, ...args) {
      const runId = parentRunId(store);
      const work = (): unknown => original.call(this, store, callback, ...args);
      return runId === undefined ? work() : hooks.runInside({ runId, tags: undefined }, work);
    };
  });
}

function parentRunId(store: unknown): string | undefined {
  const extra: { readonly [CHILD_CONFIG]?: unknown } = asRecord(asRecord(store)['extra']);
  const { callbacks } = asRecord(extra[CHILD_CONFIG]);
  const { getParentRunId } = asRecord(callbacks);
  return typeof getParentRunId === 'function' ? asText(getParentRunId.call(callbacks)) : undefined;
}

function createStorage(): unknown {
  const { AsyncLocalStorage } = asRecord(nodeModule('node:async_hooks'));
  return typeof AsyncLocalStorage === 'function' ? Reflect.construct(AsyncLocalStorage, []) : undefined;
}

function isStorage(value: unknown): value is Storage {
  return hasMethod(value, 'run');
}
