import { useState } from 'preact/hooks';
import type { ApiResponse } from '../data/api.js';
import { putFilters } from '../data/api.js';
import { SeenDocument } from '../data/seen-document.js';
import { Dialog } from '../parts/dialog.js';
import { FiltersEditor, filtersText } from './filters-editor.js';

const RULE = { kind: 'setting', name: 'internal-traffic' } as const;

interface RuleDialogProps {
  readonly rule: ApiResponse<'internal'>['rule'];
  readonly onClose: () => void;
}

/** Edits the rule that says which records are internal. */
export function RuleDialog({ rule, onClose }: RuleDialogProps) {
  // The numbers beside this are loaded again, with the rule of then.
  const [{ filters, version }] = useState(rule);
  const [seen] = useState(() => new SeenDocument(RULE, version, filtersText));
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
            : {
                label: 'Use the default',
                remove: () => seen.remove(),
              }
        }
        onSave={(lines) => seen.change((now) => putFilters(RULE.kind, RULE.name, lines, now))}
      />
    </Dialog>
  );
}
