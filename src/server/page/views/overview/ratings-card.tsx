import { formatInteger, formatPercent } from '../../data/format.js';
import { useResource } from '../../data/use-resource.js';
import { BarList, type Bar } from '../../parts/bar-list.js';

interface RatingsCardProps {
  readonly query: string;
  readonly changes: number;
  /** Returns the address of the records that match further filters. */
  readonly linkTo: (filters: Readonly<Record<string, string>>) => string;
}

/** Present ratings of the answers: the latest thumb of each person counts. */
export function RatingsCard({ query, changes, linkTo }: RatingsCardProps) {
  const { value } = useResource('measure', `${query}&measure=prompts,rated,bad`, changes);
  const [prompts = 0, rated = 0, bad = 0] = (value?.total.values ?? []).map((count) => count ?? 0);
  const bars: readonly Bar[] = [
    { name: 'Bad', value: bad, href: linkTo({ rating: 'bad' }) },
    { name: 'Not bad', value: rated - bad },
  ];
  const isRated = rated > 0;
  return (
    <section class="card">
      <h2>Ratings</h2>
      {value && <BarList bars={isRated ? bars : []} empty="No answer is rated." />}
      {isRated && (
        <p class="muted">
          {formatPercent(bad / rated, 1)} of {formatInteger(rated)} rated answers are bad. Of{' '}
          {formatInteger(prompts)} answers, {formatPercent(rated / prompts, 1)} are rated.
        </p>
      )}
    </section>
  );
}
