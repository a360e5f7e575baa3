import { REVIEW_STATES, type ReviewState } from '../../../review/review-state.js';
import { navigate, withParams } from '../../browser/location.js';
import type { ApiResponse } from '../../data/api.js';
import { formatInteger, formatPercent } from '../../data/format.js';
import { Link } from '../../parts/link.js';
import { STATE_NAMES } from '../../parts/review-controls.js';
import type { ReviewChoice } from './choice.js';

interface ReviewHeadProps {
  readonly answer: ApiResponse<'review'>;
  readonly path: string;
  readonly params: URLSearchParams;
  readonly choice: ReviewChoice;
}

/** Ratings of the answers, and the selection of the list. */
export function ReviewHead({ answer, path, params, choice }: ReviewHeadProps) {
  const { states, assignees } = answer;
  const all = REVIEW_STATES.reduce((sum, state) => sum + states[state], 0);
  const counts: readonly (readonly [state: ReviewState | 'all', name: string, count: number])[] = [
    ...REVIEW_STATES.map((state) => [state, STATE_NAMES[state], states[state]] as const),
    ['all', 'All', all],
  ];
  const hrefOf = (changes: Readonly<Record<string, string | null>>): string =>
    `${path}?${withParams(params, { ...changes, record: null }).toString()}`;
  const change = (changes: Readonly<Record<string, string | null>>): void =>
    navigate(path, withParams(params, { ...changes, record: null }));
  return (
    <div class="review-head">
      <RatedShare ratings={answer.ratings} />
      <nav aria-label="States">
        {counts.map(([state, name, count]) => (
          <Link
            key={state}
            href={hrefOf({ state: state === 'needs-review' ? null : state })}
            current={state === choice.state}
          >
            {name} <span class="number muted">{formatInteger(count)}</span>
          </Link>
        ))}
        <Link href={hrefOf({ show: 'conversations', state: null })}>Conversations</Link>
      </nav>
      <label>
        Evaluations below
        <input
          key={choice.threshold}
          class="review-threshold"
          defaultValue={choice.threshold}
          placeholder="0.5 or name:0.5"
          autocomplete="off"
          onChange={({ currentTarget }) => change({ threshold: currentTarget.value.trim() })}
        />
      </label>
      <label>
        Assignee
        <select
          value={choice.assignee}
          onChange={({ currentTarget }) => change({ assignee: currentTarget.value })}
        >
          <option value="">Anybody</option>
          {[...new Set([...assignees, choice.assignee])].filter(Boolean).map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function RatedShare({ ratings }: Pick<ApiResponse<'review'>, 'ratings'>) {
  const { answers, rated, bad, badShare } = ratings;
  return (
    <p class="review-share">
      {badShare === null ? (
        'No answer is rated.'
      ) : (
        <>
          <strong class="number">{formatPercent(badShare, 1)}</strong> bad:{' '}
          <span class="number">
            {formatInteger(bad)} of {formatInteger(rated)}
          </span>{' '}
          rated answers
        </>
      )}{' '}
      <span class="muted number">
        {formatInteger(rated)} of {formatInteger(answers)} answers are rated
        {answers > 0 && ` (${formatPercent(rated / answers, 1)})`}.
      </span>
    </p>
  );
}
