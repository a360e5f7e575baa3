import type { ApiResponse } from '../data/api.js';
import { deleteDocument, putFilters } from '../data/api.js';
import { Dialog } from '../parts/dialog.js';
import { FiltersEditor } from './filters-editor.js';

const [KIND, NAME] = ['setting', 'internal-traffic'];

interface RuleDialogProps {
  readonly rule: ApiResponse<'internal'>['rule'];
  readonly onClose: () => void;
}

/** Edits the rule that says which records are internal. */
export function RuleDialog({ rule, onClose }: RuleDialogProps) {
  const { filters, version } = rule;
  return (
    <Dialog title="What is internal traffic" onClose={onClose}>
      <p>
        A record that matches one of these filters is left out of every number, for everybody who uses this
        server.
      </p>
      <FiltersEditor
        label="Filters, one a line"
        hint="As in the address of this page: several values of one name are alternatives, several names have to hold together. user=me@example.com&user=you@example.com, prop.environment=staging, tag=internal. No line: nothing is internal."
        filters={filters}
        mayBeEmpty
        removal={
          version === 0
            ? undefined
            : { label: 'Use the default', remove: () => deleteDocument(KIND ?? '', NAME ?? '', version) }
        }
        onSave={(lines) => putFilters(KIND ?? '', NAME ?? '', lines, version)}
      />
    </Dialog>
  );
}
