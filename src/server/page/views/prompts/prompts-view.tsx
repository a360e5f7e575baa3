import { useState } from 'preact/hooks';
import { navigate, withParams } from '../../browser/location.js';
import { useKeys } from '../../browser/use-keys.js';
import type { ViewProps } from '../view-props.js';
import { EmptyState } from './empty-state.js';
import { RecordDetail } from './record-detail.js';
import { RecordList } from './record-list.js';

interface PromptsViewProps extends ViewProps {
  /** True when the server has no records at all, matching or not. */
  readonly isEmpty: boolean;
}

/** The live list of records, and the open record. */
export function PromptsView({ feed, path, params, isEmpty }: PromptsViewProps) {
  const open = params.get('record');
  const [marked, setMarked] = useState<string | null>(open);
  const show = (id: string | null, replace = false): void => {
    setMarked(id ?? marked);
    navigate(path, withParams(params, { record: id }), replace);
  };
  const step = (by: 1 | -1): void => {
    const index = feed.records.findIndex((record) => record.id === marked);
    const next = feed.records[index === -1 ? 0 : index + by]?.id;
    if (next === undefined) return;
    setMarked(next);
    if (open !== null) show(next, true);
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Enter: () => marked !== null && show(marked),
  });
  if (feed.error && feed.records.length === 0) return <Message title="That did not work" text={feed.error} />;
  if (feed.records.length === 0 && feed.isLoading) return <p class="message muted">Loading …</p>;
  if (feed.records.length === 0 && isEmpty && feed.query === '') return <EmptyState />;
  if (feed.records.length === 0 && open === null)
    return <Message title="Nothing matches" text="No record matches all of these filters." />;
  return (
    <div class="split" data-open={open !== null}>
      <RecordList feed={feed} marked={marked} onOpen={(id) => show(id)} />
      {open !== null && (
        <RecordDetail key={open} id={open} changes={feed.changes} onClose={() => show(null)} />
      )}
    </div>
  );
}

function Message({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <div class="message">
      <h2>{title}</h2>
      <p class="muted">{text}</p>
    </div>
  );
}
