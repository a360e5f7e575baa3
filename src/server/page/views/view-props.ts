import type { RecordFeed } from '../data/record-feed.js';

/** Props of every view. */
export interface ViewProps {
  readonly feed: RecordFeed;
  readonly path: string;
  readonly params: URLSearchParams;
  /** The filters in `params`, as a query string for the API. */
  readonly query: string;
  /** True if the server has no records at all. */
  readonly isEmpty: boolean;
}
