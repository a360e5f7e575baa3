/** Returns what is wrong with a runtime that is older than those of `engines` in package.json, or undefined. */
export function oldRuntimeProblem(arrays: object = Array.prototype): string | undefined {
  const missing = ['toReversed', 'toSorted'].find((name) => !(name in arrays));
  if (missing === undefined) return undefined;
  const { process } = globalThis as { process?: { version?: string } };
  return `opentelemetry-exporter-trubrics needs Node.js 20.19 or later; ${process?.version ?? 'this runtime'} has no ${missing}()`;
}
