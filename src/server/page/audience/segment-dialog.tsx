import { useState } from 'preact/hooks';
import type { Segment } from '../../audience/segments.js';
import { BadQueryError } from '../../query/parse-query.js';
import { putFilters } from '../data/api.js';
import { SeenDocument } from '../data/seen-document.js';
import { Dialog } from '../parts/dialog.js';
import { FiltersEditor, filtersText } from './filters-editor.js';

const SEGMENT_KIND = 'segment';

interface SegmentDialogProps {
  /** One without a name is new. */
  readonly segment: Segment;
  readonly onClose: () => void;
}

/** Makes a segment, or changes it. */
export function SegmentDialog({ segment, onClose }: SegmentDialogProps) {
  const isNew = segment.name === '';
  const [name, setName] = useState(segment.name);
  const [seen] = useState(
    () => new SeenDocument({ kind: SEGMENT_KIND, name: segment.name }, segment.version, filtersText),
  );
  const save = async (filters: readonly string[]): Promise<void> => {
    if (name.trim() === '') throw new BadQueryError('The segment needs a name');
    await seen.change((version) => putFilters(SEGMENT_KIND, name.trim(), filters, version), name.trim());
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
        removal={isNew ? undefined : { label: 'Delete', remove: () => seen.remove() }}
        onSave={save}
      />
    </Dialog>
  );
}
