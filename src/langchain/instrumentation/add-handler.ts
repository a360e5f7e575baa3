import { guard } from '../../common/guard.js';
import { readMetadata } from '../options/run-metadata.js';
import { asArray, asRecord, isRecord } from '../../common/unknown-values.js';
import type { Method, Patches } from './patches.js';

/** Returns the handler for a run that belongs to this user and conversation. */
export type CreateHandler = (userId: string | undefined, threadId: string | undefined) => object;

/**
 * Adds the handler to each callback manager that LangChain creates for a run, unless it has a handler of this package.
 *
 * `CallbackManager._configureSync` creates a new manager from the caller's arguments, so that none of the caller's objects changes.
 */
export function patchCallbackManager(
  patches: Patches,
  callbackManager: unknown,
  createHandler: CreateHandler,
): void {
  if (typeof callbackManager !== 'function') return;
  patches.replace(callbackManager, '_configureSync', (original) => {
    return function (this: unknown, inheritableHandlers, ...rest) {
      // Without handlers LangChain creates no manager, and ignores tags and metadata. An empty list prevents that.
      const manager = original.call(this, inheritableHandlers ?? [], ...rest);
      guard('LangChain configure', () => addHandler(manager, rest[5], createHandler));
      return manager;
    };
  });
}

function addHandler(manager: unknown, options: unknown, createHandler: CreateHandler): void {
  const { handlers, addHandler: add } = asRecord(manager);
  if (typeof add !== 'function' || asArray(handlers).some(isOurs)) return;
  // Since @langchain/core 1.1.40 only tracers get the `configurable` of a call, through the last argument.
  const { userId, threadId } = readMetadata(asRecord(options)['tracerInheritableMetadata']);
  (add as Method).call(manager, createHandler(userId, threadId), true);
}

function isOurs(handler: unknown): boolean {
  return isRecord(handler) && handler['name'] === 'trubrics';
}
