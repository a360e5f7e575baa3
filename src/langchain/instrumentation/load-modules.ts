import { nodeModule } from '../../common/web/node-module.js';
import { isRecord, type UnknownRecord } from '../../common/unknown-values.js';

/** Modules of `@langchain/core` with the classes that are patched. */
const MODULE_NAMES = [
  'callbacks/manager',
  'language_models/chat_models',
  'language_models/llms',
  'tools',
  'retrievers',
  'runnables',
];

/** Returns the ESM copies of the modules that this package can import; empty if there are none. */
export async function importLangChain(): Promise<UnknownRecord[]> {
  const found = await Promise.all(
    MODULE_NAMES.map(async (name): Promise<unknown> => {
      // A variable, because a bundler would require a literal specifier of the optional dependency.
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

/** Returns the CommonJS copies that the application can require. Their classes differ from those of the ESM copies. */
export function requireLangChain(): UnknownRecord[] {
  return requireEach((require, name) => require(`@langchain/core/${name}`));
}

/**
 * Returns the ESM copies of these modules at once, where Node.js can require ES modules (from 20.19 on); otherwise empty. The exports of
 * `@langchain/core` allow a `require` of the CommonJS copies alone: the ESM copy of `x.cjs` is `x.js`, in all versions from 0.3 on.
 */
export function requireEsmLangChain(): UnknownRecord[] {
  return requireEach((require, name) => {
    const file = require.resolve(`@langchain/core/${name}`);
    return file.endsWith('.cjs') ? require(file.replace(/\.cjs$/, '.js')) : undefined;
  });
}

/** `require` of an application. */
interface ApplicationRequire {
  (specifier: string): unknown;
  resolve(specifier: string): string;
}

function requireEach(load: (require: ApplicationRequire, name: string) => unknown): UnknownRecord[] {
  const require = applicationRequire();
  if (!require) return [];
  return MODULE_NAMES.flatMap((name) => {
    try {
      const found = load(require, name);
      return isRecord(found) ? [found] : [];
    } catch {
      return [];
    }
  });
}

function applicationRequire(): ApplicationRequire | undefined {
  const { createRequire } = (nodeModule('node:module') ?? {}) as { createRequire?: unknown };
  if (typeof createRequire !== 'function') return undefined;
  const { process } = globalThis as { process?: { cwd?(): string } };
  const folder = process?.cwd?.();
  if (folder === undefined) return undefined;
  return createRequire(`${folder}/`) as ApplicationRequire;
}
