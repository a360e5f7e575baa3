const FACTOR = 4;
const MAX_TRIES = 5;
/** Times below this say nothing about growth. */
const MIN_MS = 1;
/** Growth that counts as proportional: that of quadratic work is 16. */
export const PROPORTIONAL = 10;

/**
 * Returns how many times longer `work` takes for a text of 200,000 characters than for a quarter of it: 4 if the time is in
 * proportion. Processor time counts: on a busy machine each long run is interrupted, and not each short one. The shortest of several
 * times counts, because the first ones include compilation; one try is enough if growth is small.
 */
export function timeGrowth(work: (text: string) => void, unit: string): number {
  const long = unit.repeat(Math.ceil(200_000 / unit.length));
  const short = long.slice(0, long.length / FACTOR);
  let [shortMs, longMs] = [Infinity, Infinity];
  const growth = (): number => longMs / Math.max(shortMs, MIN_MS);
  for (let tries = 0; tries < MAX_TRIES && !(growth() < PROPORTIONAL); tries += 1) {
    shortMs = Math.min(
      shortMs,
      millisecondsOf(() => work(short)),
    );
    longMs = Math.min(
      longMs,
      millisecondsOf(() => work(long)),
    );
  }
  return growth();
}

function millisecondsOf(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}
