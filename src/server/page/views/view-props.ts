import type { RecordFeed } from '../data/record-feed.js';

/** What every view gets. */
export interface ViewProps {
  readonly feed: RecordFeed;
  readonly path: string;
  readonly params: URLSearchParams;
  /** The filters in `params`, as a query for the API. */
  readonly query: string;
}
