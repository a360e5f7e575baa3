import { startBackgroundTimer } from '../../common/background-timer.js';

type Steps = () => Iterator<unknown>;

/** Functions that have not been prepared yet. Not an import of what prepares them, which a bundle may leave out. */
const PREPARATIONS = new WeakMap<object, Steps>();

/** Gives a function whose first call is slow the steps that make it fast. */
export function withPreparation<F extends object>(slow: F, steps: Steps): F {
  PREPARATIONS.set(slow, steps);
  return slow;
}

/** Prepares such a function once, in the background: each step has a turn of the event loop of its own. Does nothing for other functions. */
export function prepareInBackground(slow: object): void {
  const steps = PREPARATIONS.get(slow);
  if (!steps) return;
  PREPARATIONS.delete(slow);
  runNext(steps());
}

function runNext(steps: Iterator<unknown>): void {
  startBackgroundTimer(0, () => {
    if (steps.next().done !== true) runNext(steps);
  });
}
