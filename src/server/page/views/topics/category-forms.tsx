import { useState } from 'preact/hooks';
import { categoryOf } from '../../../insights/labels/category-names.js';
import { toApiError } from '../../data/api-error.js';
import { putDocument, renameCategory } from '../../data/api.js';
import { formatCount } from '../../data/format.js';
import type { SeenDocument } from '../../data/seen-document.js';
import { useSeenDocument } from '../../data/use-seen-document.js';

const SETTING = { kind: 'setting', name: 'label-categories' } as const;

/** Status of a change that contradicts what somebody else has changed. */
const CHANGED = 412;

interface CategoryFormsProps {
  /** Categories that prompts have. */
  readonly names: readonly string[];
  /** Called when something has changed. */
  readonly onChanged: () => void;
}

/** Sends the fields of a form by the version that was seen, and returns what is said of it. */
type Work = (fields: Record<string, string>, seen: SeenDocument) => Promise<string>;

/** Renames, merges and adds categories of intents, which the labeller knows from then on. */
export function CategoryForms({ names, onChanged }: CategoryFormsProps) {
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  // With the names that are shown: what another editor changes from now on was not seen.
  const { seen, reload } = useSeenDocument(SETTING, { textOf, onProblem: () => undefined });
  const run = async (event: SubmitEvent, work: Work): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setBusy(true);
    setProblem('');
    setNote('');
    try {
      const fields = Object.fromEntries(new FormData(form)) as Record<string, string>;
      const done = await work(fields, await seen());
      reload();
      form.reset();
      setNote(done);
      onChanged();
    } catch (error) {
      const { message, status } = toApiError(error);
      setProblem(message);
      if (status === CHANGED) {
        reload();
        onChanged();
      }
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

/** The server merges it with other changes, unless one of both names was given away meanwhile. */
async function rename(
  { from = '', to = '' }: Record<string, string>,
  { version }: SeenDocument,
): Promise<string> {
  let [changed, answer] = [0, await renameCategory(from, to, version)];
  for (; answer.left > 0 && answer.changed > 0; answer = await renameCategory(from, to, version))
    changed += answer.changed;
  return `${formatCount(changed + answer.changed, 'prompt')} changed to ${answer.to}.`;
}

async function add({ name: given = '' }: Record<string, string>, seen: SeenDocument): Promise<string> {
  // The server refuses a text that is no category, and says why.
  const name = categoryOf(given) ?? given;
  let names: readonly string[] = [];
  await seen.merge((version, stored) => {
    names = [...new Set([...namesIn(stored), name])];
    return putDocument(SETTING.kind, SETTING.name, { ...Object(stored), names }, version);
  });
  return `Known to the labeller from now on: ${names.join(', ')}.`;
}

function namesIn(value: unknown): readonly string[] {
  const { names } = Object(value) as { readonly names?: unknown };
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
}

function textOf(value: unknown): string {
  return namesIn(value).join(', ') || 'no category';
}
