import { useEffect, useRef, useState } from 'preact/hooks';
import { get, type Answer, type Resource } from './api.js';

/** Summaries are read again at most this often while records arrive, and more rarely where they take long. */
const REFRESH_MS = 1500;
const REST_PER_READ = 10;

/** An answer of the API, read again when the query or `changes` does; `undefined` until the first one is there. */
export function useResource<R extends Resource>(
  resource: R,
  query: string,
  changes: number,
): Answer<R> | undefined {
  const [answer, setAnswer] = useState<Answer<R>>();
  const latest = useRef({ key: '', nextRead: 0 });
  useEffect(() => {
    const key = `${resource}?${query}`;
    const wait = latest.current.key === key ? latest.current.nextRead - Date.now() : 0;
    const timer = setTimeout(() => {
      const start = Date.now();
      latest.current = { key, nextRead: start + REFRESH_MS };
      const take = (value: Answer<R>): void => {
        if (latest.current.key !== key) return;
        const end = Date.now();
        latest.current.nextRead = end + Math.max(REFRESH_MS, (end - start) * REST_PER_READ);
        setAnswer(value);
      };
      // The list says that the server is gone; what is shown stays.
      get(resource, query).then(take, () => undefined);
    }, wait);
    return () => clearTimeout(timer);
  }, [resource, query, changes]);
  return answer;
}
