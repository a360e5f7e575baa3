import { formatFullTime, formatTime } from '../data/format.js';

/** Says since when numbers count, where the server has more records than it sums up. */
export function CoveredTime({ since }: { readonly since: string | undefined }) {
  if (since === undefined) return null;
  return (
    <p class="muted covered" title={formatFullTime(since)}>
      Since {formatTime(since)}: there are too many records to sum up all of them. A filter by time shows
      earlier ones.
    </p>
  );
}
