import { useEffect, useReducer } from 'preact/hooks';
import { useResource } from '../data/use-resource.js';
import { formatTime } from '../data/format.js';
import { Banner } from './banner.js';

/** A failing store stores nothing, so no change of the records tells of it. */
const CHECK_MS = 5_000;

/** Says that the server cannot store records, for as long as it cannot. */
export function OutageBanner() {
  const [checks, check] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') check(undefined);
    }, CHECK_MS);
    return () => clearInterval(timer);
  }, []);
  const { value } = useResource('intake', '', checks);
  if (!value?.outage) return null;
  const since = formatTime(value.outage.since);
  return (
    <Banner>
      Records cannot be stored since {since}: {value.outage.reason}. Senders are told to try again.
    </Banner>
  );
}
