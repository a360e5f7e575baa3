import { useState } from 'preact/hooks';
import type { StoreUsage } from '../../engines/record-store.js';
import { pageSettings } from '../browser/page-settings.js';
import { drillDown, navigate, withParams } from '../browser/location.js';
import { exportUrl } from '../data/api.js';
import { Link } from '../parts/link.js';
import { ForgetDialog } from './forget-dialog.js';
import { visibleText } from '../data/visible-text.js';

interface PersonBarProps {
  readonly path: string;
  readonly params: URLSearchParams;
  readonly usage: StoreUsage | undefined;
}

/** Actions on one person, above the records of a single `user` filter. Other filters do not narrow it. */
export function PersonBar({ path, params, usage }: PersonBarProps) {
  const [isForgetting, setForgetting] = useState(false);
  const [user, ...others] = params.getAll('user');
  if (user === undefined || user === '' || others.length > 0) return null;
  const { numbersOnly, isReadOnly } = pageSettings();
  const query = new URLSearchParams({ user }).toString();
  const leave = (): void => navigate(path, withParams(params, { user: null, record: null, open: null }));
  return (
    <section class="person-bar" aria-label="Person">
      <strong class="person-name" title={user}>
        {visibleText(user)}
      </strong>
      {!numbersOnly && (path !== '/people' || params.has('show') || params.has('by')) && (
        <Link class="quiet" href={drillDown('/people', params, {})}>
          Timeline
        </Link>
      )}
      <span class="person-actions">
        {(!numbersOnly || !isReadOnly) && <span class="muted">Everything about this person:</span>}
        {!numbersOnly && (
          <a class="quiet" href={exportUrl('jsonl', query)} download>
            Export
          </a>
        )}
        {!isReadOnly && (
          <button type="button" class="quiet" onClick={() => setForgetting(true)}>
            Forget …
          </button>
        )}
      </span>
      {isForgetting && (
        <ForgetDialog user={user} usage={usage} onClose={() => setForgetting(false)} onForgotten={leave} />
      )}
    </section>
  );
}
