import { useRef } from 'preact/hooks';
import { dimensionOf, KNOWN_DIMENSIONS } from '../../../model/measure/dimensions.js';
import {
  MEASURE_NAMES,
  PROPERTY_FUNCTIONS,
  TIME_STEPS,
  type Measure,
} from '../../../query/measure-request.js';
import { measureText } from '../../../query/parse-measures.js';
import { Menu } from '../../parts/menu.js';
import { CompareSelect } from '../../comparison/compare-select.js';
import type { Choice } from './choice.js';
import { measureTitle } from './measure-texts.js';

interface ControlsProps {
  readonly choice: Choice;
  readonly onChange: (changes: Readonly<Record<string, string | null>>) => void;
}

const STEPS = { hour: 'Each hour', day: 'Each day', week: 'Each week', month: 'Each month' } as const;

/** Chooses measures, the breakdown, table or plot, and what to compare with. */
export function ExploreControls({
  choice,
  params,
  onChange,
}: ControlsProps & { readonly params: URLSearchParams }) {
  const { by, step, against } = choice;
  const isOther = by !== '' && !KNOWN_DIMENSIONS.some(({ name }) => name === by);
  return (
    <div class="explore-controls" role="group" aria-label="What is shown">
      <MeasureMenu choice={choice} onChange={onChange} />
      <select
        aria-label="By"
        value={by}
        onChange={({ currentTarget: { value } }) => onChange({ by: value === '' ? 'none' : value })}
      >
        <option value="">In all</option>
        {KNOWN_DIMENSIONS.map(({ name, title }) => (
          <option key={name} value={name}>
            By {title.toLowerCase()}
          </option>
        ))}
        {isOther && <option value={by}>By {by.replace(/^prop\./, '')}</option>}
      </select>
      <PropertyForm onChoose={(property) => onChange({ by: `prop.${property}` })} />
      <select
        aria-label="Over time"
        value={step}
        disabled={against !== ''}
        onChange={({ currentTarget: { value } }) => onChange({ step: value })}
      >
        <option value="">As a table</option>
        {TIME_STEPS.map((name) => (
          <option key={name} value={name}>
            {STEPS[name]}
          </option>
        ))}
      </select>
      <CompareSelect params={params} onChange={onChange} unset="none" />
    </div>
  );
}

function MeasureMenu({ choice: { measures }, onChange }: ControlsProps) {
  const menu = useRef<HTMLDetailsElement>(null);
  const chosen = new Set(measures.map(measureText));
  const all: readonly Measure[] = [
    ...MEASURE_NAMES,
    ...measures.filter((measure) => typeof measure === 'object'),
  ];
  const toggle = (text: string): void => {
    const texts = chosen.has(text) ? [...chosen].filter((one) => one !== text) : [...chosen, text];
    onChange({ measure: texts.join(',') });
  };
  const addProperty = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const { property, function: of } = Object.fromEntries(new FormData(form)) as Record<string, string>;
    const measure = {
      property: (property ?? '').trim(),
      of: PROPERTY_FUNCTIONS.find((name) => name === of) ?? 'sum',
    };
    if (measure.property === '') return;
    form.reset();
    onChange({ measure: [...chosen, measureText(measure)].join(',') });
  };
  return (
    <Menu label={`Measures (${measures.length})`} menu={menu}>
      <div class="menu-body explore-measures">
        <fieldset>
          <legend class="visually-hidden">Measures</legend>
          {all.map((measure) => (
            <label key={measureText(measure)} class="check">
              <input
                type="checkbox"
                checked={chosen.has(measureText(measure))}
                onChange={() => toggle(measureText(measure))}
              />
              {measureTitle(measure)}
            </label>
          ))}
        </fieldset>
        <form onSubmit={addProperty}>
          <label>
            Numbers of a property
            <input name="property" autocomplete="off" required />
          </label>
          <label>
            As
            <select name="function" aria-label="As">
              {PROPERTY_FUNCTIONS.map((name) => (
                <option key={name} value={name}>
                  {measureTitle({ property: '', of: name }).replace(/^, /, '')}
                </option>
              ))}
            </select>
          </label>
          <button type="submit">Add</button>
        </form>
      </div>
    </Menu>
  );
}

/** A property that has no name of its own in the list. */
function PropertyForm({ onChoose }: { readonly onChoose: (property: string) => void }) {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const property = new FormData(form).get('property');
    const name = typeof property === 'string' ? property.trim() : '';
    if (dimensionOf(`prop.${name}`) === undefined) return;
    form.reset();
    onChoose(name);
  };
  return (
    <form onSubmit={submit}>
      <input
        name="property"
        aria-label="By another property"
        placeholder="Property …"
        autocomplete="off"
        size={12}
        required
      />
    </form>
  );
}
