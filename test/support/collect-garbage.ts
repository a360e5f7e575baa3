import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects what nothing refers to any more, so that a test can tell by a `WeakRef` whether something leaks. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // A WeakRef keeps its target until the end of the task in which it was made or read.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
}
