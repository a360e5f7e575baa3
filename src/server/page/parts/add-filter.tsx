import { useRef, useState } from 'preact/hooks';
import type { Answer } from '../data/api.js';
import { navigate, withFilter, withParams } from '../data/location.js';

interface AddFilterProps {
  readonly path: string;
  readonly params: URLSearchParams;
  readonly known: Answer<'stats'> | undefined;
}

const FIELDS = [
  ['user', 'Person'],
  ['model', 'Model'],
  ['thread', 'Conversation'],
  ['tag', 'Tag'],
  ['event', 'Event'],
  ['prop', 'Property'],
] as const;

type Field = (typeof FIELDS)[number][0];

/** A small form for one more filter: of a person, a model, a tag, any property. */
export function AddFilter({ path, params, known }: AddFilterProps) {
  const [field, setField] = useState<Field>('user');
  const menu = useRef<HTMLDetailsElement>(null);
  const add = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const value = textOf(data.get('value'));
    const property = textOf(data.get('property'));
    if (value === '' || (field === 'prop' && property === '')) return;
    const name = field === 'prop' ? `prop.${property}` : field;
    if (menu.current) menu.current.open = false;
    navigate(path, withParams(withFilter(params, { name, value }), { record: null }));
  };
  return (
    <details class="menu" ref={menu}>
      <summary>Filter</summary>
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
        <label>
          Value
          <input name="value" list="filter-values" autocomplete="off" required />
        </label>
        <datalist id="filter-values">
          {suggestions(field, known).map((value) => (
            <option key={value} value={value} />
          ))}
        </datalist>
        <button type="submit">Add filter</button>
      </form>
    </details>
  );
}

function suggestions(field: Field, known: Answer<'stats'> | undefined): readonly string[] {
  if (field === 'model') return known?.models.map(({ assistantId }) => assistantId) ?? [];
  const named = { user: known?.topUsers, tag: known?.tags, event: known?.eventNames, thread: [], prop: [] };
  return named[field]?.map(({ name }) => name) ?? [];
}

function textOf(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value.trim() : '';
}
