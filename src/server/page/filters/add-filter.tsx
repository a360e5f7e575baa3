import { useRef, useState } from 'preact/hooks';
import { ANSWER_RATINGS } from '../../model/feedback.js';
import type { ApiResponse } from '../data/api.js';
import { Menu } from '../parts/menu.js';
import { navigate, withFilter, withParams } from '../browser/location.js';
import { fromField } from '../browser/time-zone.js';

interface AddFilterProps {
  readonly path: string;
  readonly params: URLSearchParams;
  readonly statistics: ApiResponse<'stats'> | undefined;
}

/** Fields to filter by, with their labels. */
const FIELDS = [
  ['user', 'Person'],
  ['model', 'Model'],
  ['thread', 'Conversation'],
  ['tag', 'Tag'],
  ['event', 'Event'],
  ['rating', 'Rating'],
  ['since', 'From'],
  ['until', 'Until'],
  ['prop', 'Property'],
] as const;

type Field = (typeof FIELDS)[number][0];

function isTime(field: Field): field is 'since' | 'until' {
  return field === 'since' || field === 'until';
}

/** A drop-down form that adds one filter. */
export function AddFilter({ path, params, statistics }: AddFilterProps) {
  const [field, setField] = useState<Field>('user');
  const menu = useRef<HTMLDetailsElement>(null);
  const add = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const changed = withFormFilter(params, field, new FormData(form));
    if (!changed) return;
    form.reset();
    if (menu.current) menu.current.open = false;
    navigate(path, withParams(changed, { record: null }));
  };
  return (
    <Menu label="Filter" menu={menu}>
      <form class="menu-body" onSubmit={add}>
        <label>
          By
          <select value={field} onChange={(event) => setField(event.currentTarget.value as Field)}>
            {FIELDS.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {field === 'prop' && (
          <label>
            Name
            <input name="property" autocomplete="off" required />
          </label>
        )}
        {isTime(field) ? (
          <label key="time">
            Time
            <input name="value" type="datetime-local" required />
          </label>
        ) : (
          <label key="value">
            Value
            <input name="value" list="filter-values" autocomplete="off" required />
          </label>
        )}
        <datalist id="filter-values">
          {suggestions(field, statistics).map((value) => (
            <option key={value} value={value} />
          ))}
        </datalist>
        <button type="submit">Add filter</button>
        <p class="muted">Several values of one kind: any of them. Several kinds: all of them.</p>
      </form>
    </Menu>
  );
}

/** Returns `params` with the filter of the form. Returns `undefined` when a field is empty or the time is invalid. */
function withFormFilter(params: URLSearchParams, field: Field, data: FormData): URLSearchParams | undefined {
  const value = trimmedText(data.get('value'));
  const property = trimmedText(data.get('property'));
  if (value === '' || (field === 'prop' && property === '')) return undefined;
  if (!isTime(field))
    return withFilter(params, { name: field === 'prop' ? `prop.${property}` : field, value });
  const time = fromField(value, field);
  return time && withParams(params, { [field]: time.toISOString() });
}

/** Returns values to choose from, for the fields of which the server lists values. */
function suggestions(field: Field, statistics: ApiResponse<'stats'> | undefined): readonly string[] {
  if (field === 'model') return statistics?.models.map(({ assistantId }) => assistantId) ?? [];
  if (field === 'user') return namesOf(statistics?.topUsers);
  if (field === 'rating') return ANSWER_RATINGS;
  if (field === 'tag') return namesOf(statistics?.tags);
  return field === 'event' ? namesOf(statistics?.eventNames) : [];
}

function namesOf(named: ApiResponse<'stats'>['tags'] = []): readonly string[] {
  return named.map(({ name }) => name);
}

function trimmedText(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value.trim() : '';
}
