import { type Context, trace } from '@opentelemetry/api';
import { identityOf } from '../../identity/with-trubrics.js';
import type { RunMetadata } from '../options/run-metadata.js';
import { isModelRun, type Run } from './run.js';
import { isInsideRun } from './run-context.js';

/**
 * Chooses the parent of a new run among open runs with the same id. Returns undefined if they cannot be told apart: a run without a
 * parent is better than one with the user and the turn of another request.
 *
 * Each test looks at what differs between two requests: the run that is active, the caller's span, `withTrubrics()`, and the ids in the
 * metadata, which LangChain passes from a run to those below it.
 */
export function chooseParent(
  candidates: readonly Run[],
  active: Context,
  { userId, threadId }: RunMetadata,
): Run | undefined {
  const callerSpan = trace.getSpan(active);
  const contextIdentity = identityOf(active);
  const tests: readonly ((run: Run) => boolean)[] = [
    // Only chains, tools and retrievers have runs below them.
    (run) => !isModelRun(run),
    ({ id, span }) => span !== undefined && isInsideRun(active, id, span),
    ({ outerContext }) => callerSpan !== undefined && trace.getSpan(outerContext) === callerSpan,
    ({ identity }) => contextIdentity !== undefined && identity.contextIdentity === contextIdentity,
    ({ identity }) => userId !== undefined && identity.userId === userId,
    ({ identity }) => threadId !== undefined && identity.threadId === threadId,
  ];
  let left = candidates;
  for (const test of tests) {
    if (left.length <= 1) break;
    const matches = left.filter(test);
    if (matches.length > 0) left = matches;
  }
  return left.length === 1 ? left[0] : undefined;
}
