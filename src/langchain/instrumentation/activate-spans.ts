import { guard } from '../../common/guard.js';
import { asRecord, asText } from '../../common/unknown-values.js';
import type { Method, Patches } from './patches.js';

/** What is done with the work of a run. */
export interface RunHooks {
  /** Calls `work` with the span of the run as the active one. */
  inside<T>(runId: string, work: () => T): T;
  /** Nobody reads any more what a run streams. */
  left(runId: string): void;
  /** Watches what a run streams. */
  watch(runId: string, stream: unknown): unknown;
}

interface PatchedMethod {
  readonly managerIndex: number;
  readonly isStream?: boolean;
  /** Whether the call does the work of several runs. */
  readonly isForManyRuns?: (args: readonly unknown[]) => boolean;
}

interface PatchedClass {
  /** Called on an object of the class before it works. */
  readonly entryMethods: readonly string[];
  /** Where its work is done, by what class ever, and at which position stands the callback manager of the run. */
  readonly workMethods: Readonly<Record<string, PatchedMethod>>;
}

const MODEL: PatchedClass = {
  entryMethods: ['_generateUncached', '_generateCached', '_streamIterator'],
  workMethods: { _generate: { managerIndex: 2 }, _streamResponseChunks: { managerIndex: 2, isStream: true } },
};

/** LangChain's base classes, each with the methods in which its subclasses do their work. */
const PATCHED_CLASSES: Readonly<Record<string, PatchedClass>> = {
  BaseChatModel: MODEL,
  BaseLLM: {
    ...MODEL,
    // One call for all prompts, which are runs of their own.
    workMethods: {
      ...MODEL.workMethods,
      _generate: { managerIndex: 2, isForManyRuns: ([prompts]) => lengthOf(prompts) > 1 },
    },
  },
  StructuredTool: { entryMethods: ['call'], workMethods: { _call: { managerIndex: 1 } } },
  BaseRetriever: { entryMethods: ['invoke'], workMethods: { _getRelevantDocuments: { managerIndex: 1 } } },
};

/** Lets the classes of a module of `@langchain/core` do the work of their runs inside those runs' spans. */
export function activateSpans(
  patches: Patches,
  exported: Readonly<Record<string, unknown>>,
  hooks: RunHooks,
): void {
  for (const [className, workplace] of Object.entries(PATCHED_CLASSES)) {
    const base: unknown = exported[className];
    if (typeof base === 'function') patchSubclassesOnUse(patches, base.prototype as object, workplace, hooks);
  }
}

/** Subclasses are met when they are used: there is no list of them. */
function patchSubclassesOnUse(
  patches: Patches,
  base: object,
  { entryMethods: entries, workMethods: work }: PatchedClass,
  hooks: RunHooks,
): void {
  const met = new WeakSet();
  for (const entry of entries) {
    patches.replace(base, entry, (original) => {
      return function (this: unknown, ...args) {
        guard('LangChain call', () => {
          const prototype = Object.getPrototypeOf(this) as object;
          if (met.has(prototype)) return;
          met.add(prototype);
          for (const [name, how] of Object.entries(work))
            patchWorkMethod(patches, prototype, base, name, how, hooks);
        });
        return original.apply(this, args);
      };
    });
  }
}

/** LangChain knows by the base class's own method that a subclass has none: that one is left alone. */
function patchWorkMethod(
  patches: Patches,
  prototype: object,
  base: object,
  name: string,
  how: PatchedMethod,
  hooks: RunHooks,
): void {
  let owner: object | null = prototype;
  while (owner && owner !== base && !Object.hasOwn(owner, name))
    owner = Object.getPrototypeOf(owner) as object;
  if (!owner || owner === base) return;
  patches.replace(owner, name, (original) => runInsideSpan(original, how, hooks));
}

function runInsideSpan(
  original: Method,
  { managerIndex: manager, isStream: streams, isForManyRuns: ofMany }: PatchedMethod,
  hooks: RunHooks,
): Method {
  return function (this: unknown, ...args) {
    const runId = asText(asRecord(args[manager])['runId']);
    if (runId === undefined || ofMany?.(args)) return original.apply(this, args);
    const result = hooks.inside(runId, () => original.apply(this, args));
    return streams ? hooks.watch(runId, result) : result;
  };
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
