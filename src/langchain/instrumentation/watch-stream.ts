import { asRecord, asText, isRecord } from '../../common/unknown-values.js';

/** What is told about a stream. */
export interface StreamObserver {
  /** Every step of the stream is made inside. */
  inside<T>(work: () => T): T;
  /** A chunk is handed to the reader. */
  read(text: string): void;
  /** The reader left before the end: by `break`, by `cancel()` or by an error of its own. */
  left(): void;
}

/** Passes a stream on and sees how its reader leaves. What is no stream is passed on as it is. */
export function watchStream(source: unknown, watch: StreamObserver): unknown {
  if (!isAsyncIterable(source)) return source;
  const iterator = source[Symbol.asyncIterator]();
  let ended = false;

  const step = async (work: () => Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> => {
    try {
      const result = await watch.inside(work);
      if (result.done) ended = true;
      else watch.read(asText(asRecord(result.value)['text']) ?? '');
      return result;
    } catch (error) {
      ended = true;
      throw error;
    }
  };
  const leave = (): void => {
    if (!ended) watch.left();
    ended = true;
  };

  return {
    next: () => step(() => iterator.next()),
    async return(value?: unknown) {
      try {
        return await watch.inside(async () => (await iterator.return?.(value)) ?? { done: true, value });
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
