import { useRef, useState } from 'preact/hooks';
import { pageSettings } from '../browser/page-settings.js';
import { toApiError } from '../data/api-error.js';
import { addToDataset } from '../data/api.js';
import { useResource } from '../data/use-resource.js';
import { Link } from './link.js';

interface AddToDatasetProps {
  readonly recordId: string;
  /** Changes when documents have changed. */
  readonly changes: number;
}

/** A folded form that adds an answer to a data set, with what should have been answered. Nothing for readers who may not edit. */
export function AddToDataset(props: AddToDatasetProps) {
  const [isOpen, setOpen] = useState(false);
  if (pageSettings().mayNotEdit) return null;
  return (
    <details
      class="detail-section add-to-dataset"
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>Add to a data set</summary>
      {isOpen && <DatasetForm {...props} />}
    </details>
  );
}

function DatasetForm({ recordId, changes }: AddToDatasetProps) {
  const all = useResource('datasets', '', changes);
  const having = useResource('datasets', new URLSearchParams({ record: recordId }).toString(), changes);
  const [outcome, setOutcome] = useState<string>();
  /** Corrections of this form, by data set. It shows none of others. */
  const own = useRef(new Map<string, string>());
  const add = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const [name = '', correctedAnswer = ''] = ['name', 'correctedAnswer'].map((field) =>
      trimmedText(data.get(field)),
    );
    try {
      const seenAnswer = own.current.get(name) ?? '';
      await addToDataset(name, { recordId, ...(correctedAnswer !== '' && { correctedAnswer, seenAnswer }) });
      if (correctedAnswer !== '') own.current.set(name, correctedAnswer);
      setOutcome(`It is in “${name}”.`);
      all.retry();
      having.retry();
    } catch (error) {
      setOutcome(`It was not added. ${toApiError(error).message}`);
    }
  };
  return (
    <form class="dataset-form" onSubmit={(event) => void add(event)}>
      <label>
        Data set
        <input name="name" list="dataset-names" maxLength={256} autocomplete="off" required />
      </label>
      <datalist id="dataset-names">
        {all.value?.datasets.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <label>
        What should have been answered
        <textarea name="correctedAnswer" rows={4} placeholder="Empty: what was answered" />
      </label>
      <button type="submit">Add</button>
      <p role="status">
        {outcome}{' '}
        {having.value?.datasets.map(({ name }) => (
          <Link key={name} class="pill" href={`/datasets?${new URLSearchParams({ open: name }).toString()}`}>
            {name}
          </Link>
        ))}
      </p>
    </form>
  );
}

function trimmedText(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value.trim() : '';
}
