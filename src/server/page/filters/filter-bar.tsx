import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiResponse } from '../data/api.js';
import { formatTotal } from '../data/format.js';
import { pageSettings } from '../browser/page-settings.js';
import { navigate, withParams } from '../browser/location.js';
import type { ViewProps } from '../views/view-props.js';
import { InternalMenu } from '../audience/internal-menu.js';
import { SegmentMenu } from '../audience/segment-menu.js';
import { CompareSelect } from '../comparison/compare-select.js';
import { AddFilter } from './add-filter.js';
import { FilterChips } from './filter-chips.js';
import { MoreMenu } from './more-menu.js';
import { SearchField } from './search-field.js';

interface FilterBarProps extends ViewProps {
  /** Statistics of all records, filtered or not: the values to choose from. */
  readonly statistics: ApiResponse<'stats'> | undefined;
  readonly search: RefObject<HTMLInputElement | null>;
  readonly onClear: () => void;
}

const RANGES = [
  ['', 'Any time'],
  ['15m', 'Last 15 minutes'],
  ['1h', 'Last hour'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
] as const;

const KINDS = [
  ['', 'All kinds'],
  ['prompt', 'Prompts'],
  ['event', 'Events'],
] as const;

/** Parameters whose controls a narrow page shows only when they are asked for. Other filters have a chip. */
const FOLDED = ['kind', 'order', 'against', 'error', 'segment', 'internal'] as const;

/** Search field, filters, number of matching records, export and deletion. */
export function FilterBar({ feed, path, params, query, statistics, search, onClear }: FilterBarProps) {
  const change = (changes: Record<string, string | null>, isContinued = false): void =>
    navigate(path, withParams(params, { record: null, ...changes }), isContinued);
  const { numbersOnly } = pageSettings();
  const since = params.get('since') ?? '';
  const total = formatTotal(feed.total, feed.isTotalCapped, 'record');
  const errorsOnly = params.get('error') === 'true';
  const [isUnfolded, setUnfolded] = useState(false);
  const set = FOLDED.filter((name) => params.has(name)).length;
  return (
    <search class="filters">
      {!numbersOnly && (
        <SearchField
          value={params.get('q') ?? ''}
          field={search}
          onSearch={(q, isContinued) => change({ q }, isContinued)}
        />
      )}
      <select
        aria-label="Time"
        value={since}
        onChange={(event) => change({ since: event.currentTarget.value })}
      >
        {RANGES.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
        {!RANGES.some(([value]) => value === since) && <option value={since}>From a time</option>}
      </select>
      <button
        type="button"
        class="filters-fold"
        aria-expanded={isUnfolded}
        onClick={() => setUnfolded(!isUnfolded)}
      >
        {set > 0 ? `Filters (${set})` : 'Filters'}
      </button>
      <div class="filters-more" data-open={isUnfolded}>
        {(path !== '/summary' || params.has('kind')) && (
          <select
            aria-label="Kind"
            value={params.get('kind') ?? ''}
            onChange={(event) => change({ kind: event.currentTarget.value })}
          >
            {KINDS.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        )}
        {path === '/' && (
          <select
            aria-label="Order"
            value={feed.order}
            onChange={({ currentTarget: { value } }) => change({ order: value === 'time' ? value : null })}
          >
            <option value="arrival">By arrival</option>
            <option value="time">By time</option>
          </select>
        )}
        {(path === '/summary' || (path === '/topics' && since !== '')) && (
          <CompareSelect params={params} unset="previous" onChange={change} />
        )}
        {(path === '/overview' || path === '/people' || (path === '/topics' && since === '')) && (
          <CompareSelect params={params} unset="none" onChange={change} />
        )}
        <button
          type="button"
          aria-pressed={errorsOnly}
          onClick={() => change({ error: errorsOnly ? null : 'true' })}
        >
          Errors
        </button>
        <AddFilter path={path} params={params} statistics={statistics} />
        <SegmentMenu path={path} params={params} />
        <InternalMenu feed={feed} path={path} params={params} query={query} />
      </div>
      <FilterChips path={path} params={params} ranges={RANGES.map(([value]) => value)} />
      <span class="filters-end">
        {numbersOnly ? (
          <span class="muted">Numbers alone</span>
        ) : (
          <span class="muted number" role="status" aria-label={total}>
            {total}
          </span>
        )}
        <MoreMenu total={total} query={query} isEmpty={statistics?.store.records === 0} onClear={onClear} />
      </span>
    </search>
  );
}
