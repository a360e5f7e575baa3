import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterAll, beforeAll } from 'vitest';

/** Registers a real context manager for all tests of a file. Call it at the top of the file. */
export function useContextManager(): void {
  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  });
  afterAll(() => {
    context.disable();
    trace.disable();
  });
}
