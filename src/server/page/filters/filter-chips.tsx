import { formatFilterTime } from '../data/format.js';
import { filtersOf, navigate, withoutFilter, withParams, type Filter } from '../browser/location.js';
import { visibleText } from '../data/visible-text.js';

/** Labels of filters that are not named like their parameter. */
const NAMES: Readonly<Record<string, string>> = {
  user: 'person',
  thread: 'conversation',
  error: 'has error',
  about: 'feedback on',
  below: 'evaluated below',
  since: 'from',
};

/** Returns the label of a filter, for instance `not person`. */
function labelOf(name: string): string {
  if (name.startsWith('not.')) return `not ${labelOf(name.slice(4))}`;
  return NAMES[name] ?? name.replace(/^prop\./, '');
}

/** Returns true for filters that another control of the bar shows: a drop-down shows one value, the button for errors that they are wanted. */
function hasControl({ name, value }: Filter, filters: readonly Filter[], ranges: readonly string[]): boolean {
  if (name === 'kind') return filters.filter((other) => other.name === 'kind').length === 1;
  return (
    ['q', 'internal'].includes(name) ||
    (name === 'error' && value === 'true') ||
    (name === 'since' && ranges.includes(value))
  );
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
  const all = filtersOf(params);
  for (const filter of all)
    if (!hasControl(filter, all, ranges))
      groups.set(filter.name, [...(groups.get(filter.name) ?? []), filter]);
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
  const name = labelOf(filter.name);
  const isTime = filter.name === 'since' || filter.name === 'until';
  const value = isTime ? formatFilterTime(filter.value, filter.name) : visibleText(filter.value);
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
