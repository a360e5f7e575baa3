import { useEffect, useMemo, useReducer } from 'preact/hooks';
import type { RecordOrder } from '../../model/lists.js';
import { pageSettings } from '../browser/page-settings.js';
import { RecordFeed } from './record-feed.js';

/** Returns the running feed of a query in an order. The component is rendered again on every change of the feed. */
export function useFeed(query: string, order: RecordOrder): RecordFeed {
  const feed = useMemo(() => new RecordFeed(query, order, !pageSettings().numbersOnly), [query, order]);
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
