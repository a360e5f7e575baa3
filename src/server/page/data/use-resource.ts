import { useEffect, useRef, useState } from 'preact/hooks';
import { get, type Answer, type Resource } from './api.js';

/** Summaries are read again at most this often while records arrive. */
const REFRESH_MS = 1500;

/** An answer of the API, read again when the query or `changes` does; `undefined` until the first one is there. */
export function useResource<R extends Resource>(
  resource: R,
  query: string,
  changes: number,
): Answer<R> | undefined {
  const [answer, setAnswer] = useState<{ readonly key: string; readonly value: Answer<R> }>();
  const readAt = useRef({ key: '', time: 0 });
  const key = `${resource}?${query}`;
  useEffect(() => {
    const abort = new AbortController();
    const isRefresh = readAt.current.key === key;
    const wait = isRefresh ? Math.max(0, readAt.current.time + REFRESH_MS - Date.now()) : 0;
    const timer = setTimeout(() => {
      readAt.current = { key, time: Date.now() };
      get(resource, query, abort.signal).then(
        (value) => setAnswer({ key, value }),
        () => undefined, // The list says that the server is gone; what is shown stays.
      );
    }, wait);
    return () => {
      clearTimeout(timer);
      if (!isRefresh) abort.abort();
    };
  }, [resource, query, changes]);
  return answer?.key.startsWith(`${resource}?`) ? answer.value : undefined;
}
