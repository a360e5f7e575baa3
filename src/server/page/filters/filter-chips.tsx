import { formatFilterTime } from '../data/format.js';
import { filtersOf, navigate, withoutFilter, withParams, type Filter } from '../browser/location.js';

/** Labels of filters that are not named like their parameter. */
const NAMES: Readonly<Record<string, string>> = {
  user: 'person',
  thread: 'conversation',
  error: 'has error',
  about: 'feedback on',
  since: 'from',
};

/** Returns true for filters that another control of the bar shows. */
function hasControl({ name, value }: Filter, ranges: readonly string[]): boolean {
  return ['q', 'kind', 'error'].includes(name) || (name === 'since' && ranges.includes(value));
}

interface FilterChipsProps {
  readonly path: string;
  readonly params: URLSearchParams;
  /** Values of `since` that the drop-down of the bar offers. */
  readonly ranges: readonly string[];
}

/** Filters that are set, with a button that removes each. Filters of one name form a group, joined by “or”. */
export function FilterChips({ path, params, ranges }: FilterChipsProps) {
  const groups = new Map<string, Filter[]>();
  for (const filter of filtersOf(params))
    if (!hasControl(filter, ranges)) groups.set(filter.name, [...(groups.get(filter.name) ?? []), filter]);
  const remove = (filter: Filter): void =>
    navigate(path, withParams(withoutFilter(params, filter), { record: null }));
  return (
    <>
      {[...groups.values()].map((filters) => (
        <span key={filters[0]?.name} class="chip-group">
          {filters.map((filter, index) => (
            <Chip key={filter.value} filter={filter} isFirst={index === 0} onRemove={() => remove(filter)} />
          ))}
        </span>
      ))}
    </>
  );
}

interface ChipProps {
  readonly filter: Filter;
  readonly isFirst: boolean;
  readonly onRemove: () => void;
}

function Chip({ filter, isFirst, onRemove }: ChipProps) {
  const name = NAMES[filter.name] ?? filter.name.replace(/^prop\./, '');
  const isTime = filter.name === 'since' || filter.name === 'until';
  const value = isTime ? formatFilterTime(filter.value) : filter.value;
  return (
    <span class="chip">
      <span title={filter.value}>
        <span class="muted">{isFirst ? name : 'or'}</span> {value}
      </span>
      <button type="button" onClick={onRemove} aria-label={`Remove filter ${name} ${value}`}>
        ×
      </button>
    </span>
  );
}
