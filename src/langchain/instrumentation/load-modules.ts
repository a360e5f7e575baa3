import { isRecord, type UnknownRecord } from '../../common/unknown-values.js';

/** Where `@langchain/core` has the classes that take part. */
const MODULE_NAMES = [
  'callbacks/manager',
  'language_models/chat_models',
  'language_models/llms',
  'tools',
  'retrievers',
  'runnables',
];

/** The ESM copy of the `@langchain/core` that this package sees. Empty where there is none. */
export async function importLangChain(): Promise<UnknownRecord[]> {
  const found = await Promise.all(
    MODULE_NAMES.map(async (name): Promise<unknown> => {
      // A variable, so that no bundler insists on an optional dependency.
      const specifier = `@langchain/core/${name}`;
      try {
        return await import(/* @vite-ignore */ /* webpackIgnore: true */ specifier);
      } catch {
        return undefined;
      }
    }),
  );
  return found.filter(isRecord);
}

/** The CommonJS copy that the application sees: its classes are others than those of the ESM copy. */
export function requireLangChain(): UnknownRecord[] {
  const require = applicationRequire();
  if (!require) return [];
  return MODULE_NAMES.flatMap((name) => {
    try {
      const found = require(`@langchain/core/${name}`);
      return isRecord(found) ? [found] : [];
    } catch {
      return [];
    }
  });
}

function applicationRequire(): ((specifier: string) => unknown) | undefined {
  const { createRequire } = (nodeModule('node:module') ?? {}) as { createRequire?: unknown };
  const { process } = globalThis as { process?: { cwd?(): string } };
  const folder = process?.cwd?.();
  if (typeof createRequire !== 'function' || folder === undefined) return undefined;
  return createRequire(`${folder}/`) as (specifier: string) => unknown;
}

/** A module of Node itself, where there is Node or something like it. Nothing is imported: bundles for the edge stay free of it. */
export function nodeModule(name: string): unknown {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.(name);
}
