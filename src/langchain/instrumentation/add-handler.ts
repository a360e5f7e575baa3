import { guard } from '../../common/guard.js';
import { readMetadata } from '../options/run-metadata.js';
import { asArray, asRecord, isRecord } from '../../common/unknown-values.js';
import type { Method, Patches } from './patches.js';

/** Answers with the handler for a run that is configured for this user and this conversation. */
export type CreateHandler = (userId: string | undefined, threadId: string | undefined) => object;

/**
 * Adds the handler to every callback manager that LangChain makes for a run, unless one of this package is there.
 *
 * `CallbackManager._configureSync` makes a new manager out of what the caller gave: nothing of the caller's is changed.
 */
export function patchCallbackManager(
  patches: Patches,
  callbackManager: unknown,
  handlerFor: CreateHandler,
): void {
  if (typeof callbackManager !== 'function') return;
  patches.replace(callbackManager, '_configureSync', (original) => {
    return function (this: unknown, inheritableHandlers, ...rest) {
      // Without any handler LangChain makes no manager, and does not read tags and metadata. An empty list is a list.
      const manager = original.call(this, inheritableHandlers ?? [], ...rest);
      guard('LangChain configure', () => addHandler(manager, rest[5], handlerFor));
      return manager;
    };
  });
}

function addHandler(manager: unknown, options: unknown, handlerFor: CreateHandler): void {
  const { handlers, addHandler: add } = asRecord(manager);
  if (typeof add !== 'function' || asArray(handlers).some(isOurs)) return;
  // Since core 1.1.40 the `configurable` of a call is told to tracers alone, in the last argument.
  const { userId, threadId } = readMetadata(asRecord(options)['tracerInheritableMetadata']);
  (add as Method).call(manager, handlerFor(userId, threadId), true);
}

function isOurs(handler: unknown): boolean {
  return isRecord(handler) && handler['name'] === 'trubrics';
}
