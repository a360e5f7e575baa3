import { context } from '@opentelemetry/api';
import { guard } from '../../common/guard.js';
import { type FirstRun, withFirstRun } from '../runs/run-context.js';
import { asRecord, isRecord } from '../../common/unknown-values.js';
import type { Patches } from './patches.js';
import { watchStream } from './watch-stream.js';

/** Where the classes of `@langchain/core/runnables` open a run for what they stream. Models have a place of their own. */
const STREAM_METHODS: Readonly<Record<string, string>> = {
  Runnable: '_transformStreamWithConfig',
  RunnableSequence: '_streamIterator',
  RunnableBranch: '_streamIterator',
  RunnableWithFallbacks: '_streamIterator',
};

/** Calls `left` with the run of a chain whose stream is not read to its end. */
export function watchChainStreams(
  patches: Patches,
  exported: Readonly<Record<string, unknown>>,
  left: (runId: string) => void,
): void {
  for (const [className, method] of Object.entries(STREAM_METHODS)) {
    const owner: unknown = exported[className];
    if (typeof owner !== 'function') continue;
    watchMethod(patches, owner.prototype as object, method, left);
  }
  if (typeof exported['Runnable'] === 'function')
    watchGraphStreams(patches, exported['Runnable'].prototype as object, left);
}

/** LangGraph's class is met when a graph is streamed: nothing of LangGraph is loaded here. */
function watchGraphStreams(patches: Patches, base: object, left: (runId: string) => void): void {
  patches.replace(base, 'stream', (original) => {
    return function (this: unknown, ...args) {
      guard('LangChain stream', () => {
        const owner = isGraph(this) ? prototypeWith(this, '_streamIterator') : undefined;
        if (owner && owner !== base) watchMethod(patches, owner, '_streamIterator', left);
      });
      return original.apply(this, args);
    };
  });
}

/** The prototype that has the method. */
function prototypeWith(value: unknown, method: string): object | undefined {
  let owner: unknown = Object.getPrototypeOf(value);
  while (isRecord(owner) && !Object.hasOwn(owner, method)) owner = Object.getPrototypeOf(owner);
  return isRecord(owner) ? owner : undefined;
}

/** By this LangGraph itself knows graphs of its other copies. */
function isGraph(value: unknown): boolean {
  return asRecord(value)['lg_is_pregel'] === true;
}

function watchMethod(patches: Patches, owner: object, method: string, left: (runId: string) => void): void {
  patches.replace(owner, method, (original) => {
    return function (this: unknown, ...args) {
      return watchChain(original.apply(this, args), left);
    };
  });
}

/** A chain opens its run at the first step of its stream, before anything below it. */
function watchChain(stream: unknown, left: (runId: string) => void): unknown {
  const first: FirstRun = { runId: undefined };
  return watchStream(stream, {
    inside: (work) =>
      first.runId === undefined ? context.with(withFirstRun(context.active(), first), work) : work(),
    read: () => {},
    left: () => {
      if (first.runId !== undefined) left(first.runId);
    },
  });
}
