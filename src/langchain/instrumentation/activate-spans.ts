import { guard } from '../../common/guard.js';
import { asRecord, asText } from '../../common/unknown-values.js';
import type { Method, Patches } from './patches.js';

/** Id of a run, and LangChain's array of its tags, which tells runs with the same id apart. Undefined: not known. */
export interface RunReference {
  readonly runId: string;
  readonly tags: unknown;
}

/** Callbacks for the work and the streams of a run. */
export interface RunHooks {
  /** Calls `work` with the run's span active. */
  runInside<T>(run: RunReference, work: () => T): T;
  /** Called when the reader leaves the stream of a run before its end. */
  onStreamLeft(run: RunReference): void;
  /** Returns the stream of a run wrapped, so that its reader can be observed. */
  watchStream(run: RunReference, stream: unknown): unknown;
}

interface PatchedMethod {
  /** Position of the run's callback manager among the arguments. */
  readonly managerIndex: number;
  readonly isStream?: boolean;
  /** Returns true for a call that does the work of several runs. */
  readonly isForManyRuns?: (args: readonly unknown[]) => boolean;
}

interface PatchedClass {
  /** Methods of the base class that run before the work methods. */
  readonly entryMethods: readonly string[];
  /** Methods that subclasses implement to do the work of a run. */
  readonly workMethods: Readonly<Record<string, PatchedMethod>>;
}

const MODEL: PatchedClass = {
  entryMethods: ['_generateUncached', '_generateCached', '_streamIterator'],
  workMethods: { _generate: { managerIndex: 2 }, _streamResponseChunks: { managerIndex: 2, isStream: true } },
};

/** Base classes of LangChain whose subclasses are patched. */
const PATCHED_CLASSES: Readonly<Record<string, PatchedClass>> = {
  BaseChatModel: MODEL,
  BaseLLM: {
    ...MODEL,
    // One call does the work of all prompts, each of which is a run.
    workMethods: {
      ...MODEL.workMethods,
      _generate: { managerIndex: 2, isForManyRuns: ([prompts]) => lengthOf(prompts) > 1 },
    },
  },
  StructuredTool: { entryMethods: ['call'], workMethods: { _call: { managerIndex: 1 } } },
  BaseRetriever: { entryMethods: ['invoke'], workMethods: { _getRelevantDocuments: { managerIndex: 1 } } },
};

/** Patches the base classes in a module of `@langchain/core`, so that a run's span is active while the run works. */
export function activateSpans(
  patches: Patches,
  exported: Readonly<Record<string, unknown>>,
  hooks: RunHooks,
): void {
  for (const [className, patchedClass] of Object.entries(PATCHED_CLASSES)) {
    const base: unknown = exported[className];
    if (typeof base === 'function')
      patchSubclassesOnUse(patches, base.prototype as object, patchedClass, hooks);
  }
}

/** Patches each subclass when an object of it is first used, because subclasses cannot be listed. */
function patchSubclassesOnUse(
  patches: Patches,
  base: object,
  { entryMethods: entries, workMethods: work }: PatchedClass,
  hooks: RunHooks,
): void {
  const patched = new WeakSet();
  for (const entry of entries) {
    patches.replace(base, entry, (original) => {
      return function (this: unknown, ...args) {
        guard('LangChain call', () => {
          const prototype = Object.getPrototypeOf(this) as object;
          if (patched.has(prototype)) return;
          patched.add(prototype);
          for (const [name, how] of Object.entries(work))
            patchWorkMethod(patches, prototype, base, name, how, hooks);
        });
        return original.apply(this, args);
      };
    });
  }
}

/**
 * Patches a work method in the subclass that defines it, never in the base class: LangChain compares with the base method to find out
 * if a subclass has its own.
 */
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
    const { runId: id, tags } = asRecord(args[manager]);
    const runId = asText(id);
    if (runId === undefined || ofMany?.(args)) return original.apply(this, args);
    const run = { runId, tags };
    const result = hooks.runInside(run, () => original.apply(this, args));
    return streams ? hooks.watchStream(run, result) : result;
  };
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
