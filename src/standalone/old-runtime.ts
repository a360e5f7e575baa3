/**
 * Returns what is wrong with a runtime that is older than those of `engines` in package.json, or undefined. Without it, an old Node.js
 * would say `toSorted is not a function`.
 */
export function oldRuntimeProblem(arrays: object = Array.prototype): string | undefined {
  if ('toSorted' in arrays) return undefined;
  const { process } = globalThis as { process?: { version?: string } };
  const found = process?.version === undefined ? '' : `; this is ${process.version}`;
  return `opentelemetry-exporter-trubrics needs Node.js 20.19 or later${found}`;
}
