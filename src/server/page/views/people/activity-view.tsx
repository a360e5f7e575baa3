import type { ActivityPeriod } from '../../../model/people/activity.js';
import type { Change } from '../../../insights/compare/change.js';
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

const STEPS = [
  ['day', 'By day', 30],
  ['week', 'By week', 26],
  ['month', 'By month', 24],
] as const;

/** Parts of an active period, with the colour of each in the bar. */
const PARTS = [
  ['new', 'New'],
  ['returning', 'Returning'],
  ['resurrected', 'Resurrected'],
] as const;

/** Active people of each period, the latest first, and how many were new, came back, or stayed away. */
export function ActivityView({ feed, path, params, query, by }: ViewProps & { readonly by: string }) {
  const [step, , limit] = STEPS.find(([name]) => name === params.get('step')) ?? STEPS[0];
  const compared = comparedWith(params);
  const request = apiQuery(query, { by, step, limit: String(limit), ...compared });
  const { value, error, retry } = useResource('activity', request, feed.changes);
  if (!value) return <LoadState error={error} onRetry={retry} />;
  const { periods, total, isUncertain } = value;
  const against = 'against' in value ? value.against : undefined;
  const earlier = against && rangesOf(periods, against.periods);
  // Beside nothing, everything would be new, which is what the column of new people means.
  const hasBefore = (against?.total.active ?? 0) > 0;
  const most = Math.max(1, ...periods.map(({ active }) => active));
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="Active">
      <div class="table-head">
        <select
          aria-label="Periods"
          value={step}
          onChange={(event) => navigate(path, withParams(params, { step: event.currentTarget.value }))}
        >
          {STEPS.map(([name, text]) => (
            <option key={name} value={name}>
              {text}
            </option>
          ))}
        </select>
        <span>
          <strong>{formatInteger(total.active)}</strong>{' '}
          {against && hasBefore && (
            <ChangeOf change={against.totalChange} format="count" isNeutral={!earlier} />
          )}{' '}
          active in all of this time
        </span>
        {total.unattributed > 0 && (
          <span class="muted">
            {formatPercent(total.unattributed, total.prompts)} of {formatCount(total.prompts, 'prompt')}{' '}
            {by === '' ? 'anonymous' : 'without one'}
          </span>
        )}
        <span class="activity-key" aria-hidden="true">
          {PARTS.map(([name, text]) => (
            <span key={name}>
              <i data-part={name} /> {text}
            </span>
          ))}
        </span>
        <span class="muted">Days in {timeZone()}</span>
        <CutNote isUncertain={isUncertain || against?.isUncertain === true} />
        {against && <ComparedNote periods={earlier ?? null} against={compared.against} />}
        {against && !hasBefore && <p class="muted">Nobody was active in what this is compared with.</p>}
      </div>
      {periods.length === 0 ? (
        <EmptyList
          title="Nobody yet"
          text="Everybody who asks something is counted here."
          filteredText="Nobody has asked anything that matches all of these filters."
        />
      ) : (
        <table class="activity">
          <thead>
            <tr>
              <th scope="col">Period</th>
              <th scope="col" class="number">
                Active
              </th>
              <td class="activity-bar" aria-hidden="true" />
              {[...PARTS.map(([, text]) => text), 'Dormant'].map((text) => (
                <th key={text} scope="col" class="number">
                  {text}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {periods
              .map((period, index) => (
                <Period
                  key={period.at}
                  period={period}
                  most={most}
                  change={hasBefore ? against?.changes[index] : undefined}
                />
              ))
              .toReversed()}
          </tbody>
        </table>
      )}
    </div>
  );
}

interface PeriodProps {
  readonly period: ActivityPeriod;
  readonly most: number;
  readonly change: Change | undefined;
}

function Period({ period, most, change }: PeriodProps) {
  const { at, end, isRunning, active, dormant } = period;
  return (
    <tr>
      <th scope="row">
        {formatInterval(at, end)}
        {isRunning && <span class="muted"> · so far</span>}
      </th>
      <td class="number">
        {formatInteger(active)} {change && <ChangeOf change={change} format="count" isNeutral />}
      </td>
      <td class="activity-bar" aria-hidden="true">
        <span>
          {PARTS.map(([name]) => (
            <i key={name} data-part={name} style={{ width: `${(100 * period[name]) / most}%` }} />
          ))}
        </span>
      </td>
      {PARTS.map(([name]) => (
        <td key={name} class="number">
          {formatInteger(period[name])}
        </td>
      ))}
      <td class="number">{formatInteger(dormant)}</td>
    </tr>
  );
}
