import { useState } from 'preact/hooks';
import type { Segment } from '../../audience/segments.js';
import { BadQueryError } from '../../query/parse-query.js';
import { deleteDocument, putFilters } from '../data/api.js';
import { Dialog } from '../parts/dialog.js';
import { FiltersEditor } from './filters-editor.js';

interface SegmentDialogProps {
  /** One without a name is new. */
  readonly segment: Segment;
  readonly onClose: () => void;
}

/** Makes a segment, or changes it. */
export function SegmentDialog({ segment, onClose }: SegmentDialogProps) {
  const isNew = segment.name === '';
  const [name, setName] = useState(segment.name);
  const save = async (filters: readonly string[]): Promise<void> => {
    if (name.trim() === '') throw new BadQueryError('The segment needs a name');
    await putFilters('segment', name.trim(), filters, segment.version);
  };
  return (
    <Dialog title={isNew ? 'New segment' : `Segment ${segment.name}`} onClose={onClose}>
      <p>
        People who have a record that matches the filter; for several filters, one for each. All of their
        records belong to the segment.
      </p>
      {isNew && (
        <label class="filters-editor">
          Name
          <input value={name} autocomplete="off" onInput={({ currentTarget: { value } }) => setName(value)} />
        </label>
      )}
      <FiltersEditor
        label="Filters, one a line"
        hint="As in the address of this page: prop.plan=pro&not.user=ada. With since=30d, only records of the last 30 days count."
        filters={segment.filters}
        mayBeEmpty={false}
        removal={
          isNew
            ? undefined
            : { label: 'Delete', remove: () => deleteDocument('segment', segment.name, segment.version) }
        }
        onSave={save}
      />
    </Dialog>
  );
}
