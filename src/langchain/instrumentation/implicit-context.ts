import { asRecord, asText } from '../../common/unknown-values.js';
import { nodeModule } from './load-modules.js';
import type { Patches } from './patches.js';
import type { RunHooks } from './activate-spans.js';

/** Under these two LangChain and LangSmith share one AsyncLocalStorage, whichever copies of them there are. */
const CONFIG_STORAGE = Symbol.for('ls:tracing_async_local_storage');
const CHILD_CONFIG = Symbol.for('lc:child_config');

interface Storage {
  run(store: unknown, callback: (...args: unknown[]) => unknown, ...args: unknown[]): unknown;
}

/**
 * Where LangChain enters the config of a run for what a lambda, a graph's node or a tool does, its span becomes active too.
 *
 * LangGraph creates the storage that this needs when it is loaded. It is created here for applications without it, as LangGraph
 * would: calls in a lambda then belong to the lambda's run without being handed its config.
 */
export function patchConfigStorage(patches: Patches, hooks: Pick<RunHooks, 'inside'>): void {
  const holder = globalThis as { [CONFIG_STORAGE]?: unknown };
  holder[CONFIG_STORAGE] ??= createStorage();
  const storage = holder[CONFIG_STORAGE];
  if (!isStorage(storage)) return;
  // The instance's own method, so that the class, which is Node's, stays as it is.
  if (!Object.hasOwn(storage, 'run')) {
    const run = Reflect.get(storage, 'run');
    Object.defineProperty(storage, 'run', { value: run, configurable: true, writable: true });
  }
  patches.replace(storage, 'run', (original) => {
    return function (this: unknown, store, callback, ...args) {
      const runId = parentRunId(store);
      const work = (): unknown => original.call(this, store, callback, ...args);
      return runId === undefined ? work() : hooks.inside(runId, work);
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
  return typeof (value as Storage | null | undefined)?.run === 'function';
}
