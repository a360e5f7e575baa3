import { useState } from 'preact/hooks';
import { categoryOf } from '../../../insights/labels/category-names.js';
import { toApiError } from '../../data/api-error.js';
import { getDocument, putDocument, renameCategory } from '../../data/api.js';
import { formatCount } from '../../data/format.js';

const SETTING = { kind: 'setting', name: 'label-categories' } as const;

interface CategoryFormsProps {
  /** Categories that prompts have. */
  readonly names: readonly string[];
  /** Called when something has changed. */
  readonly onChanged: () => void;
}

/** Sends the fields of a form, and returns what is said of it. */
type Work = (fields: Record<string, string>) => Promise<string>;

/** Renames, merges and adds categories of intents, which the labeller knows from then on. */
export function CategoryForms({ names, onChanged }: CategoryFormsProps) {
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  const run = async (event: SubmitEvent, work: Work): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setBusy(true);
    setProblem('');
    setNote('');
    try {
      const done = await work(Object.fromEntries(new FormData(form)) as Record<string, string>);
      form.reset();
      setNote(done);
      onChanged();
    } catch (error) {
      setProblem(toApiError(error).message);
    }
    setBusy(false);
  };
  return (
    <details class="category-forms">
      <summary>Change categories</summary>
      {names.length > 0 && (
        <form onSubmit={(event) => void run(event, rename)}>
          <select name="from" aria-label="Category">
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          <input
            name="to"
            aria-label="New name"
            placeholder="New name, or another category"
            list="categories"
            autocomplete="off"
            required
          />
          <datalist id="categories">
            {names.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
          <button type="submit" disabled={isBusy}>
            Rename or merge
          </button>
          <span class="muted">in all prompts, whatever is filtered</span>
        </form>
      )}
      <form onSubmit={(event) => void run(event, add)}>
        <input
          name="name"
          aria-label="Another category"
          placeholder="Another category"
          autocomplete="off"
          required
        />
        <button type="submit" disabled={isBusy}>
          Add
        </button>
      </form>
      <p class="muted" role="status">
        {note}
      </p>
      {problem !== '' && <p role="alert">{problem}</p>}
    </details>
  );
}

async function rename({ from = '', to = '' }: Record<string, string>): Promise<string> {
  let [changed, answer] = [0, await renameCategory(from, to)];
  for (; answer.left > 0 && answer.changed > 0; answer = await renameCategory(from, to))
    changed += answer.changed;
  return `${formatCount(changed + answer.changed, 'prompt')} changed to ${answer.to}.`;
}

async function add({ name: given = '' }: Record<string, string>): Promise<string> {
  // The server refuses a text that is no category, and says why.
  const name = categoryOf(given) ?? given;
  const stored = await getDocument(SETTING.kind, SETTING.name);
  const value = (stored?.value ?? {}) as { readonly names?: readonly string[] };
  const names = [...new Set([...(value.names ?? []), name])];
  await putDocument(SETTING.kind, SETTING.name, { ...value, names }, stored?.version ?? 0);
  return `Known to the labeller from now on: ${names.join(', ')}.`;
}
