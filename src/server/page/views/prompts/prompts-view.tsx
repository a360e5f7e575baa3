import { useMemo, useState } from 'preact/hooks';
import { navigate, openId, withParams } from '../../browser/location.js';
import { useKeys } from '../../browser/use-keys.js';
import { EmptyList } from '../../parts/empty-list.js';
import { LoadState } from '../../parts/load-state.js';
import type { ViewProps } from '../view-props.js';
import { EmptyState } from '../../parts/empty-state.js';
import { foldTurns } from './fold-turns.js';
import { RecordDetail } from './record-detail.js';
import { RecordList } from './record-list.js';

/** The live list of records, and the open record. */
export function PromptsView({ feed, path, params, isEmpty }: ViewProps) {
  const open = openId(params, 'record');
  const [marked, setMarked] = useState<string | null>(open);
  const show = (id: string | null, replace = false): void => {
    setMarked(id ?? marked);
    navigate(path, withParams(params, { record: id }), replace);
  };
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => foldTurns(feed.records, unfolded, marked), [feed.records, unfolded, marked]);
  const fold = (id: string): void => {
    const row = rows.find(({ record }) => record.id === id);
    if (!row || row.calls === 0) return;
    const others = [...unfolded].filter((other) => other !== id);
    setUnfolded(new Set(row.isUnfolded ? others : [...others, id]));
    // A marked call would keep its turn unfolded.
    if (row.isUnfolded) setMarked(id);
  };
  /** Unfolds the marked turn, or folds it or that of the marked call. */
  const foldMarked = (isUnfolded: boolean): void => {
    const at = rows.findIndex(({ record }) => record.id === marked);
    const turn = rows.slice(0, at + 1).findLast(({ isCall }) => !isCall);
    if (turn && turn.isUnfolded !== isUnfolded) fold(turn.record.id);
  };
  const step = (by: 1 | -1): void => {
    const index = rows.findIndex(({ record }) => record.id === marked);
    const next = rows[index === -1 ? 0 : index + by]?.record.id;
    if (next === undefined) return;
    setMarked(next);
    if (open !== null) show(next, true);
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    ArrowRight: () => foldMarked(true),
    ArrowLeft: () => foldMarked(false),
    Enter: () => marked !== null && show(marked),
  });
  if (feed.records.length === 0 && (feed.error || feed.isLoading))
    return <LoadState error={feed.error} onRetry={() => feed.retry()} />;
  if (feed.records.length === 0 && isEmpty && feed.query === '') return <EmptyState />;
  if (feed.records.length === 0 && open === null)
    return (
      <EmptyList
        title="No records"
        text="Records show up here as soon as they arrive."
        filteredText="No record matches all of these filters."
      />
    );
  return (
    <div class="split" data-open={open !== null}>
      <RecordList feed={feed} rows={rows} marked={marked} onOpen={(id) => show(id)} onFold={fold} />
      {open !== null && (
        <RecordDetail
          key={open}
          id={open}
          params={params}
          changes={feed.changes}
          onClose={() => show(null)}
        />
      )}
    </div>
  );
}
