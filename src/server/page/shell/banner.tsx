import type { ComponentChildren } from 'preact';
import type { RecordFeed } from '../data/record-feed.js';

interface BannerProps {
  readonly children: ComponentChildren;
  readonly onRetry?: () => void;
}

/** A line below the header about something that is wrong. */
export function Banner({ children, onRetry }: BannerProps) {
  return (
    <div class="banner" role="alert">
      <span>{children}</span>
      {onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Says why what is shown may be out of date or incomplete. */
export function ConnectionBanner({ feed }: { readonly feed: RecordFeed }) {
  const retry = (): void => feed.retry();
  if (feed.connection === 'lost')
    return <Banner onRetry={retry}>What is shown may be out of date. {feed.lostReason}</Banner>;
  if (feed.error && feed.records.length > 0)
    return <Banner onRetry={retry}>The list is not complete. {feed.error.message}</Banner>;
  return null;
}
