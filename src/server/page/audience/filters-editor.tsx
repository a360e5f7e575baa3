import { useState } from 'preact/hooks';
import { BadQueryError } from '../../query/parse-query.js';
import { parseFilters } from '../../query/parse-filters.js';
import { pageSettings } from '../browser/page-settings.js';
import { toApiError } from '../data/api-error.js';

interface FiltersEditorProps {
  readonly label: string;
  readonly hint: string;
  readonly filters: readonly string[];
  /** True if an empty list is of use. */
  readonly mayBeEmpty: boolean;
  /** Undefined hides the button. */
  readonly removal?: { readonly label: string; readonly remove: () => Promise<void> } | undefined;
  readonly onSave: (filters: readonly string[]) => Promise<void>;
}

/** Edits filters, one a line, as the address of the page has them. After a change, everything on the page is loaded again. */
export function FiltersEditor({ label, hint, filters, mayBeEmpty, removal, onSave }: FiltersEditorProps) {
  const [text, setText] = useState(filters.join('\n'));
  const [problem, setProblem] = useState<string>();
  const { mayNotEdit } = pageSettings();
  const run = (work: () => Promise<void>): void => {
    work().then(
      () => globalThis.location.reload(),
      (error: unknown) => setProblem(messageOf(error)),
    );
  };
  const save = async (): Promise<void> => {
    const lines = text.split('\n').flatMap((line) => line.trim() || []);
    if (lines.length === 0 && !mayBeEmpty) throw new BadQueryError('A filter is missing');
    parseFilters({ filters: lines });
    await onSave(lines);
  };
  return (
    <form
      class="filters-editor"
      onSubmit={(event) => {
        event.preventDefault();
        run(save);
      }}
    >
      <label>
        {label}
        <textarea
          rows={7}
          spellcheck={false}
          value={text}
          readOnly={mayNotEdit}
          onInput={({ currentTarget: { value } }) => setText(value)}
        />
      </label>
      <p class="muted">{hint}</p>
      {problem && <p role="alert">{problem}</p>}
      {!mayNotEdit && (
        <div class="dialog-actions">
          {removal && (
            <button type="button" class="danger" onClick={() => run(removal.remove)}>
              {removal.label}
            </button>
          )}
          <button type="submit">Save</button>
        </div>
      )}
    </form>
  );
}

/** Returns the filters of a document as a line of text. */
export function filtersText(value: unknown): string {
  const { filters } = Object(value) as { readonly filters?: unknown };
  if (!Array.isArray(filters)) return JSON.stringify(value);
  return filters.length === 0 ? 'no filter' : filters.join(', ');
}

function messageOf(error: unknown): string {
  return error instanceof BadQueryError ? error.message : toApiError(error).message;
}
