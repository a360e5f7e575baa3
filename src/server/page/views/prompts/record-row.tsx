import { Fragment } from 'preact';
import { isFailure, type StoredRecord } from '../../../model/stored-record.js';
import type { ListRow } from './fold-turns.js';
import { RECORD_COLUMNS } from './record-columns.js';

interface RecordRowProps {
  readonly row: ListRow;
  readonly feedback: readonly StoredRecord[];
  readonly index: number;
  readonly total: number;
  /** Distance from the top of the list, in pixels. */
  readonly top: number;
  readonly isMarked: boolean;
  readonly onOpen: (id: string) => void;
  readonly onFold: (id: string) => void;
}

export function RecordRow(props: RecordRowProps) {
  const { row, feedback, index, total, top, isMarked, onOpen, onFold } = props;
  const { record } = row;
  const context = { ...row, feedback, onFold: () => onFold(record.id) };
  return (
    <div
      id={`row-${index}`}
      role="option"
      aria-selected={isMarked}
      aria-posinset={index + 1}
      aria-setsize={total}
      class="row"
      data-error={isFailure(record)}
      data-call={row.isCall}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(record.id)}
    >
      {RECORD_COLUMNS.map(({ name, cell }) => (
        <Fragment key={name}>{cell(record, context)}</Fragment>
      ))}
    </div>
  );
}
