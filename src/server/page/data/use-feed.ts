import { useEffect, useMemo, useReducer } from 'preact/hooks';
import { RecordFeed } from './record-feed.js';

/** The feed of a query; the component is drawn again with everything that happens to it. */
export function useFeed(query: string): RecordFeed {
  const feed = useMemo(() => new RecordFeed(query), [query]);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const unsubscribe = feed.subscribe(() => redraw(undefined));
    feed.start();
    return () => {
      unsubscribe();
      feed.stop();
    };
  }, [feed]);
  return feed;
}
