import { useEffect, useState } from 'preact/hooks';
import { filtersOf, navigate, useLocation } from '../browser/location.js';
import type { ApiError } from '../data/api-error.js';

interface LoadStateProps {
  /** Why loading has failed; undefined while it goes on. */
  readonly error: ApiError | undefined;
  readonly onRetry: () => void;
  /** True for a part of the page itself: then the whole page can be loaded again. */
  readonly isOfScript?: boolean;
}

/** Time after which the page says that an answer is late. */
const LATE_MS = 4000;

/** Stands in place of content that is loading or failed to load: it says why, and offers to try again. */
export function LoadState({ error, onRetry, isOfScript = false }: LoadStateProps) {
  const { path, params } = useLocation();
  const [tries, setTries] = useState(0);
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    const timer = setTimeout(() => setLate(true), LATE_MS);
    return () => clearTimeout(timer);
  }, [error, tries]);
  if (!error && !isLate)
    return (
      <p class="message muted" role="status">
        Loading …
      </p>
    );
  const isBadFilter = error?.status === 400 && filtersOf(params).length > 0;
  return (
    <div class="message" role="alert">
      <h2>{error ? 'That did not work' : 'Still loading …'}</h2>
      <p class="muted">{error?.message ?? 'The server has not answered yet.'}</p>
      <p class="message-actions">
        {isBadFilter && (
          <button type="button" onClick={() => navigate(path, new URLSearchParams())}>
            Remove all filters
          </button>
        )}
        {error && isOfScript && (
          <button type="button" onClick={() => location.reload()}>
            Load the page again
          </button>
        )}
        <button
          type="button"
          onClick={() => {
            setTries(tries + 1);
            onRetry();
          }}
        >
          Try again
        </button>
      </p>
    </div>
  );
}
