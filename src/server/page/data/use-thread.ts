import { useEffect, useRef, useState } from 'preact/hooks';
import { toApiError, type ApiError } from './api-error.js';
import { loadThread, type Thread } from './load-thread.js';
import type { RecordFeed } from './record-feed.js';

/** Shortest time between two loads while records arrive. */
const REFRESH_MS = 1000;

export interface LoadedThread {
  readonly thread: Thread | undefined;
  /** Why the latest load has failed; undefined if it has not. */
  readonly error: ApiError | undefined;
  readonly isLoadingEarlier: boolean;
  readonly loadEarlier: () => void;
  readonly retry: () => void;
}

/**
 * Loads the latest page of a conversation, and again when the feed changes; further pages when they are asked for. For another
 * conversation, the component has to be another one (`key`).
 */
export function useThread(id: string, { changes, removals }: RecordFeed): LoadedThread {
  const [pages, setPages] = useState(1);
  const [retries, setRetries] = useState(0);
  const [{ thread, error }, setOutcome] = useState<Pick<LoadedThread, 'thread' | 'error'>>({
    thread: undefined,
    error: undefined,
  });
  const latest = useRef({ key: '', removals, nextLoad: 0, abort: new AbortController() });
  useEffect(() => () => latest.current.abort.abort(), []);
  useEffect(() => {
    const key = `${pages} ${retries}`;
    const isRefresh = latest.current.key === key;
    const load = (): void => {
      // A refresh does not end the load before it: while records keep arriving, none would ever come to its end.
      if (!isRefresh) latest.current.abort.abort();
      const abort = isRefresh ? latest.current.abort : new AbortController();
      const before = latest.current.removals === removals ? thread : undefined;
      latest.current = { key, removals, nextLoad: Date.now() + REFRESH_MS, abort };
      const finish = (outcome: Pick<LoadedThread, 'thread' | 'error'>): void => {
        if (!abort.signal.aborted) setOutcome(outcome);
      };
      loadThread(id, pages, before, abort.signal).then(
        (loaded) => finish({ thread: loaded, error: undefined }),
        (reason: unknown) => finish({ thread, error: toApiError(reason) }),
      );
    };
    const timer = setTimeout(load, isRefresh ? latest.current.nextLoad - Date.now() : 0);
    return () => clearTimeout(timer);
  }, [id, pages, changes, removals, retries]);
  return {
    thread,
    error,
    isLoadingEarlier: thread !== undefined && thread.pages !== pages && !error,
    loadEarlier: () => setPages((thread?.pages ?? 0) + 1),
    retry: () => setRetries(retries + 1),
  };
}
