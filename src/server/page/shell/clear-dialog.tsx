import { useState } from 'preact/hooks';
import type { StoreUsage } from '../../engines/record-store.js';
import { toApiError } from '../data/api-error.js';
import { deleteRecords } from '../data/api.js';
import { deletedFrom } from '../data/deleted-from.js';
import { formatCount } from '../data/format.js';
import { Dialog } from '../parts/dialog.js';

interface ClearDialogProps {
  readonly usage: StoreUsage | undefined;
  readonly onClose: () => void;
}

/** Asks before all records are deleted. */
export function ClearDialog({ usage, onClose }: ClearDialogProps) {
  const [problem, setProblem] = useState<string>();
  const clear = (): void => {
    deleteRecords().then(onClose, (error: unknown) => setProblem(toApiError(error).message));
  };
  return (
    <Dialog title={`Delete ${formatCount(usage?.records ?? 0, 'record')}?`} onClose={onClose}>
      <p>{deletedFrom(usage)}, and cannot be had back.</p>
      {problem && <p role="alert">They could not be deleted. {problem}</p>}
      <form method="dialog" class="dialog-actions">
        <button type="submit">Keep them</button>
        <button type="button" class="danger" onClick={clear}>
          Delete
        </button>
      </form>
    </Dialog>
  );
}
