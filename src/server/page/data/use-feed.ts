import { useEffect, useMemo, useReducer } from 'preact/hooks';
import { RecordFeed } from './record-feed.js';

/** Returns the running feed of a query. The component is rendered again on every change of the feed. */
export function useFeed(query: string): RecordFeed {
  const feed = useMemo(() => new RecordFeed(query), [query]);
  const [, rerender] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const unsubscribe = feed.subscribe(() => rerender(undefined));
    feed.start();
    return () => {
      unsubscribe();
      feed.stop();
    };
  }, [feed]);
  return feed;
}
