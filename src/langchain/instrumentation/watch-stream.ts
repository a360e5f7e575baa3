import { isRecord } from '../../common/unknown-values.js';

/** Callbacks for one stream. */
export interface StreamObserver {
  /** Calls each step of the stream. */
  runInside<T>(work: () => T): T;
  /** Called when the reader gets a chunk. */
  onRead(chunk: unknown): void;
  /** Called when the reader leaves before the end: by `break`, `cancel()` or an error. */
  onLeft(): void;
}

/** Wraps an async iterable so that its reader is observed. Returns any other value unchanged. */
export function watchStream(source: unknown, observer: StreamObserver): unknown {
  if (!isAsyncIterable(source)) return source;
  const iterator = source[Symbol.asyncIterator]();
  let ended = false;

  const step = async (work: () => Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> => {
    try {
      const result = await observer.runInside(work);
      if (result.done) ended = true;
      else observer.onRead(result.value);
      return result;
    } catch (error) {
      ended = true;
      throw error;
    }
  };
  const leave = (): void => {
    if (!ended) observer.onLeft();
    ended = true;
  };

  return {
    next: () => step(() => iterator.next()),
    async return(value?: unknown) {
      try {
        return await observer.runInside(
          async () => (await iterator.return?.(value)) ?? { done: true, value },
        );
      } finally {
        leave();
      }
    },
    throw(error?: unknown) {
      return step(async () => {
        if (iterator.throw) return iterator.throw(error);
        throw error;
      });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  } satisfies AsyncIterableIterator<unknown>;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return isRecord(value) && Symbol.asyncIterator in value;
}
