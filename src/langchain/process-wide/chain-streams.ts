import { context } from '@opentelemetry/api';
import { type FirstRun, withFirstRun } from '../first-run.js';
import type { Patches } from './patches.js';
import { watchStream } from './watched-stream.js';

/** Where the classes of `@langchain/core/runnables` open a run for what they stream. Models and graphs have places of their own. */
const STREAMS: Readonly<Record<string, string>> = {
  Runnable: '_transformStreamWithConfig',
  RunnableSequence: '_streamIterator',
  RunnableBranch: '_streamIterator',
  RunnableWithFallbacks: '_streamIterator',
};

/** Calls `left` with the run of a chain whose stream is not read to its end. */
export function watchChains(
  patches: Patches,
  exported: Readonly<Record<string, unknown>>,
  left: (runId: string) => void,
): void {
  for (const [className, method] of Object.entries(STREAMS)) {
    const owner: unknown = exported[className];
    if (typeof owner !== 'function') continue;
    patches.replace(owner.prototype as object, method, (original) => {
      return function (this: unknown, ...args) {
        return watchChain(original.apply(this, args), left);
      };
    });
  }
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
