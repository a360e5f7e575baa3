import { useState } from 'preact/hooks';
import { pageSettings } from '../browser/page-settings.js';

interface CompareSelectProps {
  readonly params: URLSearchParams;
  /** Sets parameters of the URL; null removes one. */
  readonly onChange: (changes: Readonly<Record<string, string | null>>) => void;
  /** Meaning of an empty choice: no comparison, or the period before. */
  readonly unset: 'none' | 'previous';
  readonly isDisabled?: boolean;
}

/** Choices of a comparison, as `against` and `parts` of the API. */
const PERIODS = [
  ['previous', 'With the period before'],
  ['previous complete', 'With the period before, complete days'],
  ['same-weekday', 'With the same weekdays before'],
] as const;

/** Filters whose other values can be compared. */
const OTHERS = [
  ['segment', 'Segment'],
  ['model', 'Model'],
  ['prop.service_version', 'Release'],
  ['prop.prompt_version', 'Prompt version'],
  ['prop.prompt_name', 'Prompt'],
] as const;

function otherFilters() {
  return [...OTHERS, [`prop.${pageSettings().organizationProperty}`, 'Organization']] as const;
}

const OTHER = 'other';

/** Chooses what is compared with what. It is in the address, as everything else. */
export function CompareSelect({ params, onChange, unset, isDisabled = false }: CompareSelectProps) {
  const [isAsking, setAsking] = useState(false);
  const against = params.get('against') ?? '';
  const isComplete = params.get('parts') === 'complete';
  const value = against === '' && unset === 'previous' ? 'previous' : against;
  const chosen = value === 'previous' && isComplete ? 'previous complete' : value;
  const isFilter = chosen !== '' && !PERIODS.some(([name]) => name === chosen);
  const choose = (choice: string): void => {
    setAsking(choice === OTHER);
    if (choice === OTHER) return;
    const [name = '', parts = null] = choice.split(' ');
    onChange({ against: name === unset ? null : name, parts });
  };
  return (
    <>
      <select
        aria-label="Compare"
        value={isAsking ? OTHER : chosen}
        disabled={isDisabled}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
      >
        {unset === 'none' && <option value="">Not compared</option>}
        {PERIODS.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
        {isFilter && <option value={chosen}>With {comparedName(chosen)}</option>}
        <option value={OTHER}>With another model, release …</option>
      </select>
      {isAsking && (
        <OtherForm
          onChoose={(filter) => {
            setAsking(false);
            onChange({ against: filter, parts: null });
          }}
        />
      )}
    </>
  );
}

/** Returns filters as they are read: `model gpt-4o`. */
export function comparedName(against: string): string {
  return [...new URLSearchParams(against)]
    .filter(([name]) => name !== 'since' && name !== 'until')
    .map(([name, value]) => {
      const known = otherFilters()
        .find(([filter]) => filter === name)?.[1]
        .toLowerCase();
      return `${known ?? name.replace(/^prop\./, '')} ${value}`;
    })
    .join(', ');
}

/** Asks for the filter of the other side. */
function OtherForm({ onChoose }: { readonly onChoose: (filter: string) => void }) {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)) as Record<
      string,
      string
    >;
    const [name = '', value = ''] = [given['name'], given['value']?.trim()];
    if (value !== '') onChoose(new URLSearchParams({ [name]: value }).toString());
  };
  return (
    <form class="compare-form" onSubmit={submit}>
      <select name="name" aria-label="Compare with another">
        {otherFilters().map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
      <input
        name="value"
        aria-label="Its name"
        placeholder="Its name"
        autocomplete="off"
        size={12}
        required
      />
      <button type="submit">Compare</button>
    </form>
  );
}
