import { useRef } from 'preact/hooks';
import { pageSettings } from '../browser/page-settings.js';
import { exportUrl } from '../data/api.js';
import { Menu } from '../parts/menu.js';

interface MoreMenuProps {
  /** Says how many records match the filters. */
  readonly total: string;
  readonly query: string;
  /** True if the server has no records. */
  readonly isEmpty: boolean;
  /** Asks before all records are deleted. */
  readonly onClear: () => void;
}

/** Menu of actions on many records at once: exports those that match the filters, deletes all. */
export function MoreMenu({ total, query, isEmpty, onClear }: MoreMenuProps) {
  const menu = useRef<HTMLDetailsElement>(null);
  const { numbersOnly, isReadOnly } = pageSettings();
  if (numbersOnly && isReadOnly) return null;
  const close = (): void => {
    if (menu.current) menu.current.open = false;
  };
  return (
    <Menu label="More" menu={menu} kind="more">
      <div class="menu-body">
        {!numbersOnly && (
          <>
            <p class="muted">Export {total}, as filtered:</p>
            <a href={exportUrl('jsonl', query)} download onClick={close}>
              JSON Lines
            </a>
            <a href={exportUrl('csv', query)} download onClick={close}>
              CSV, for spreadsheets
            </a>
          </>
        )}
        {!isReadOnly && (
          <button
            type="button"
            class="danger"
            disabled={isEmpty}
            onClick={() => {
              close();
              onClear();
            }}
          >
            Delete all records …
          </button>
        )}
      </div>
    </Menu>
  );
}
