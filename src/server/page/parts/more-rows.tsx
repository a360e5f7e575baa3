import { formatInteger } from '../data/format.js';

/** Most rows of a list that the server gives at once. */
export const MAX_ROWS = 1000;

interface MoreRowsProps {
  readonly shown: number;
  readonly total: number;
  /** Called to show up to {@link MAX_ROWS}. */
  readonly onMore: () => void;
}

/** Says that a list shows its latest rows alone, and offers the others. */
export function MoreRows({ shown, total, onMore }: MoreRowsProps) {
  if (shown >= total) return null;
  return (
    <p class="more-rows">
      <span class="muted number">
        The latest {formatInteger(shown)} of {formatInteger(total)}
      </span>
      {shown < MAX_ROWS && (
        <button type="button" class="quiet" onClick={onMore}>
          {total <= MAX_ROWS ? 'Show all' : `Show ${formatInteger(MAX_ROWS)}`}
        </button>
      )}
    </p>
  );
}
