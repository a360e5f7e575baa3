import type { Change } from '../../../insights/compare/change.js';
import type { Cohort, RetentionCell } from '../../../model/people/retention.js';
import { navigate, withParams } from '../../browser/location.js';
import { timeZone } from '../../browser/time-zone.js';
import { ChangeOf } from '../../comparison/change-of.js';
import { ComparedNote } from '../../comparison/compared-note.js';
import { formatCount, formatInteger, formatInterval, formatPercent } from '../../data/format.js';
import { useResource } from '../../data/use-resource.js';
import { EmptyList } from '../../parts/empty-list.js';
import { LoadState } from '../../parts/load-state.js';
import type { ViewProps } from '../view-props.js';
import { apiQuery, comparedWith, CutNote, rangesOf } from './people-query.js';

const MODES = [
  ['in', 'Active in that week'],
  ['in-or-after', 'Active in that week or later'],
] as const;

/** People who came back in the weeks after the first prompt: a row for each week of first prompts, the latest last. */
export function RetentionView({ feed, path, params, query, by }: ViewProps & { readonly by: string }) {
  const [mode] = MODES.find(([name]) => name === params.get('mode')) ?? MODES[0];
  const compared = comparedWith(params);
  const { value, error, retry } = useResource(
    'retention',
    apiQuery(query, { by, mode, ...compared }),
    feed.changes,
  );
  if (!value) return <LoadState error={error} onRetry={retry} />;
  const { cohorts, mean, isUncertain } = value;
  const against = 'against' in value ? value.against : undefined;
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="Retention">
      <div class="table-head">
        <select
          aria-label="Counted as back"
          value={mode}
          onChange={(event) => navigate(path, withParams(params, { mode: event.currentTarget.value }))}
        >
          {MODES.map(([name, text]) => (
            <option key={name} value={name}>
              {text}
            </option>
          ))}
        </select>
        <span class="muted">
          By the week of the first prompt ever, from Monday in {timeZone()}. The mean weighs each by its size,
          without the running week (*).
        </span>
        <CutNote isUncertain={isUncertain || against?.isUncertain === true} />
        {against && <ComparedNote periods={rangesOf(cohorts, against.cohorts)} against={compared.against} />}
      </div>
      {cohorts.length === 0 ? (
        <EmptyList
          title="Nobody yet"
          text="Everybody who asks something is counted here."
          filteredText="Nobody has asked anything that matches all of these filters."
        />
      ) : (
        <table class="retention">
          <thead>
            <tr>
              <th scope="col">First prompt</th>
              <th scope="col" class="number">
                People
              </th>
              {cohorts.map(({ at }, k) => (
                <th key={at} scope="col" class="number">
                  Week {k}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr class="retention-mean">
              <th scope="row">Mean</th>
              <td class="number">{formatInteger(mean[0]?.of ?? 0)}</td>
              {mean.map(({ share, of }, k) => (
                <td key={cohorts[k]?.at} class="number" title={titleOf(of, against?.changes[k])}>
                  {share === null ? '–' : formatPercent(share, 1)}{' '}
                  {k > 0 && against?.changes[k] && <ChangeOf change={against.changes[k]} format="share" />}
                </td>
              ))}
            </tr>
            {cohorts.map((cohort, index) => (
              <Row
                key={cohort.at}
                cohort={cohort}
                end={cohorts[index + 1]?.at ?? cohort.at + 7 * 86_400_000}
              />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function titleOf(of: number, change: Change | undefined): string {
  const before = change?.nBefore ?? undefined;
  return `of ${formatInteger(of)}${before === undefined ? '' : `, compared with ${formatInteger(before)}`}`;
}

function Row({ cohort, end }: { readonly cohort: Cohort; readonly end: number }) {
  const { at, size, weeks } = cohort;
  return (
    <tr>
      <th scope="row">{formatInterval(at, end)}</th>
      <td class="number">{formatInteger(size)}</td>
      {weeks.map((cell, k) => (
        // Weeks have no other name than their number.
        // oxlint-disable-next-line react/no-array-index-key
        <td key={k} class="number" data-running={cell?.isRunning ? '' : undefined} {...shadeOf(cell, size)}>
          {cell && `${formatPercent(cell.people, size)}${cell.isRunning ? '\u202f*' : ''}`}
        </td>
      ))}
    </tr>
  );
}

/** The more came back, the darker. */
function shadeOf(cell: RetentionCell | null, size: number) {
  if (!cell) return {};
  return {
    style: { '--share': `${Math.round(100 * cell.share)}%` },
    title: `${formatInteger(cell.people)} of ${formatCount(size, 'person', 'people')}${cell.isRunning ? ', so far' : ''}`,
  };
}
