import { context } from '@opentelemetry/api';
import { guard } from '../../common/guard.js';
import { type FirstRun, withFirstRun } from '../runs/run-context.js';
import { asRecord, isRecord } from '../../common/unknown-values.js';
import type { RunReference } from './activate-spans.js';
import type { Patches } from './patches.js';
import { watchStream } from './watch-stream.js';

/** Class of `@langchain/core/runnables` → method that starts a run for a stream. Models are patched by activate-spans.ts. */
const STREAM_METHODS: Readonly<Record<string, string>> = {
  Runnable: '_transformStreamWithConfig',
  RunnableSequence: '_streamIterator',
  RunnableBranch: '_streamIterator',
  RunnableWithFallbacks: '_streamIterator',
};

/** Calls `onLeft` with the run of a chain whose reader leaves its stream before the end. */
export function watchChainStreams(
  patches: Patches,
  exported: Readonly<Record<string, unknown>>,
  onLeft: (run: RunReference) => void,
): void {
  for (const [className, method] of Object.entries(STREAM_METHODS)) {
    const owner: unknown = exported[className];
    if (typeof owner !== 'function') continue;
    watchMethod(patches, owner.prototype as object, method, onLeft);
  }
  if (typeof exported['Runnable'] === 'function')
    watchGraphStreams(patches, exported['Runnable'].prototype as object, onLeft);
}

/** Patches LangGraph's class when a graph is first streamed, so that LangGraph need not be loaded. */
function watchGraphStreams(patches: Patches, base: object, onLeft: (run: RunReference) => void): void {
  patches.replace(base, 'stream', (original) => {
    return function (this: unknown, ...args) {
      guard('LangChain stream', () => {
        const owner = isGraph(this) ? prototypeWith(this, '_streamIterator') : undefined;
        if (owner && owner !== base) watchMethod(patches, owner, '_streamIterator', onLeft);
      });
      return original.apply(this, args);
    };
  });
}

/** Returns the nearest prototype of `value` that defines the method. */
function prototypeWith(value: unknown, method: string): object | undefined {
  let owner: unknown = Object.getPrototypeOf(value);
  while (isRecord(owner) && !Object.hasOwn(owner, method)) owner = Object.getPrototypeOf(owner);
  return isRecord(owner) ? owner : undefined;
}

/** Checks the property by which LangGraph recognises graphs of its other copies. */
function isGraph(value: unknown): boolean {
  return asRecord(value)['lg_is_pregel'] === true;
}

function watchMethod(
  patches: Patches,
  owner: object,
  method: string,
  onLeft: (run: RunReference) => void,
): void {
  patches.replace(owner, method, (original) => {
    return function (this: unknown, ...args) {
      return watchChain(original.apply(this, args), onLeft);
    };
  });
}

/** Finds the run of a chain: the first one that starts during the first step of its stream. */
function watchChain(stream: unknown, onLeft: (run: RunReference) => void): unknown {
  const first: FirstRun = { runId: undefined, tags: undefined };
  return watchStream(stream, {
    runInside: (work) =>
      first.runId === undefined ? context.with(withFirstRun(context.active(), first), work) : work(),
    onRead: () => {},
    onLeft: () => {
      const { runId, tags } = first;
      if (runId !== undefined) onLeft({ runId, tags });
    },
  });
}
