import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { DatasetPage } from '../../datasets/dataset-page.js';
import type { StoredRecord } from '../../model/stored-record.js';
import type { StoredReview } from '../../review/review-state.js';
import { toApiError, type ApiError } from './api-error.js';
import { loadReview } from './review.js';
import { getDataset, getRecord, getResource, type ApiResponse, type Resource } from './api.js';

/** Shortest time between two requests of a resource while records arrive. */
const REFRESH_MS = 1500;
/** After a request of t ms the next one waits at least t times this, so that slow summaries do not keep the server busy. */
const DELAY_PER_REQUEST = 10;
/** Longest delay: also over a slow network, what is shown is not much older. */
const MAX_DELAY_MS = 10_000;

/** A response of the API, or why there is none. */
export interface Loaded<T> {
  /** The latest response. Undefined before the first, and when a request with another query has failed. */
  readonly value: T | undefined;
  /** Why the latest request has failed; undefined if it has not. */
  readonly error: ApiError | undefined;
  readonly retry: () => void;
}

interface Outcome<T> {
  readonly key: string;
  readonly value: T | undefined;
  readonly error: ApiError | undefined;
}

/** Fetches a resource of the API, and again when `query` or `changes` changes. The latest response stays while another is fetched. */
export function useResource<R extends Resource>(
  resource: R,
  query: string,
  changes: number,
): Loaded<ApiResponse<R>> {
  return useLoaded(`${resource}?${query}`, changes, (signal) => getResource(resource, query, signal));
}

/** Fetches a record, and again when `changes` changes: it may have been delivered again, or deleted. */
export function useRecord(id: string, changes: number): Loaded<StoredRecord> {
  return useLoaded(`records/${id}`, changes, (signal) => getRecord(id, signal));
}

/** Fetches what reviewers decided about a record or conversation, and again when `changes` changes. */
export function useReview(name: string, changes: number): Loaded<StoredReview> {
  return useLoaded(`review/${name}`, changes, (signal) => loadReview(name, signal));
}

/** Fetches the first items of a data set, and again when `changes` changes. */
export function useDataset(name: string, limit: number, changes: number): Loaded<DatasetPage> {
  return useLoaded(`datasets/${name}?${limit}`, changes, (signal) => getDataset(name, limit, signal));
}

/** @param key names what `load` loads */
function useLoaded<T>(key: string, changes: number, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [outcome, setOutcome] = useState<Outcome<T>>({ key, value: undefined, error: undefined });
  const [retries, retry] = useReducer((count: number) => count + 1, 0);
  const latest = useRef({ key: '', retries: 0, nextRequest: 0, abort: new AbortController() });
  useEffect(() => {
    const isRefresh = latest.current.key === key && latest.current.retries === retries;
    const wait = isRefresh ? latest.current.nextRequest - Date.now() : 0;
    const timer = setTimeout(() => {
      const start = Date.now();
      // A request that is replaced, and may hang, gives its connection free. A slow one is not, or it would never be answered.
      if (!isRefresh) latest.current.abort.abort();
      const abort = isRefresh ? latest.current.abort : new AbortController();
      latest.current = { key, retries, nextRequest: start + REFRESH_MS, abort };
      const finish = (set: (before: Outcome<T>) => Outcome<T>): void => {
        if (abort.signal.aborted) return;
        const end = Date.now();
        latest.current.nextRequest = end + clamp((end - start) * DELAY_PER_REQUEST, REFRESH_MS, MAX_DELAY_MS);
        setOutcome(set);
      };
      load(abort.signal).then(
        (value) => finish(() => ({ key, value, error: undefined })),
        (error: unknown) =>
          finish((before) => ({
            key,
            value: before.key === key ? before.value : undefined,
            error: toApiError(error),
          })),
      );
    }, wait);
    return () => clearTimeout(timer);
  }, [key, changes, retries]);
  return { value: outcome.value, error: outcome.error, retry: () => retry(undefined) };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
