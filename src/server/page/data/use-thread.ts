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

/** Loads the latest page of a conversation, and again when the feed changes; further pages when they are asked for. */
export function useThread(id: string, { changes, removals }: RecordFeed): LoadedThread {
  const [pages, setPages] = useState(1);
  const [retries, setRetries] = useState(0);
  const [{ thread, error }, setOutcome] = useState<Pick<LoadedThread, 'thread' | 'error'>>({
    thread: undefined,
    error: undefined,
  });
  const latest = useRef({ removals, nextLoad: 0 });
  useEffect(() => {
    const abort = new AbortController();
    const isRefresh = thread?.pages === pages;
    const timer = setTimeout(
      () => {
        const before = latest.current.removals === removals ? thread : undefined;
        latest.current = { removals, nextLoad: Date.now() + REFRESH_MS };
        loadThread(id, pages, before, abort.signal).then(
          (loaded) => setOutcome({ thread: loaded, error: undefined }),
          (reason: unknown) => {
            if (!abort.signal.aborted) setOutcome({ thread, error: toApiError(reason) });
          },
        );
      },
      isRefresh ? latest.current.nextLoad - Date.now() : 0,
    );
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [id, pages, changes, removals, retries]);
  return {
    thread,
    error,
    isLoadingEarlier: thread !== undefined && thread.pages !== pages && !error,
    loadEarlier: () => setPages((thread?.pages ?? 0) + 1),
    retry: () => setRetries(retries + 1),
  };
}
