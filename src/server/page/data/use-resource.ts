import { useEffect, useRef, useState } from 'preact/hooks';
import { getResource, type ApiResponse, type Resource } from './api.js';

/** Shortest time between two requests of a resource while records arrive. */
const REFRESH_MS = 1500;
/** After a request of t ms the next one waits at least t times this, so that slow summaries do not keep the server busy. */
const DELAY_PER_REQUEST = 10;

/**
 * Returns a response of the API, and fetches it again when `query` or `changes` changes. Returns `undefined` until the first response, and
 * the last response after a failed request.
 */
export function useResource<R extends Resource>(
  resource: R,
  query: string,
  changes: number,
): ApiResponse<R> | undefined {
  const [response, setResponse] = useState<ApiResponse<R>>();
  const latest = useRef({ key: '', nextRequest: 0 });
  useEffect(() => {
    const key = `${resource}?${query}`;
    const wait = latest.current.key === key ? latest.current.nextRequest - Date.now() : 0;
    const timer = setTimeout(() => {
      const start = Date.now();
      latest.current = { key, nextRequest: start + REFRESH_MS };
      const onResponse = (value: ApiResponse<R>): void => {
        if (latest.current.key !== key) return;
        const end = Date.now();
        latest.current.nextRequest = end + Math.max(REFRESH_MS, (end - start) * DELAY_PER_REQUEST);
        setResponse(value);
      };
      // Errors are ignored: the status in the header shows that the server is unreachable.
      getResource(resource, query).then(onResponse, () => undefined);
    }, wait);
    return () => clearTimeout(timer);
  }, [resource, query, changes]);
  return response;
}
