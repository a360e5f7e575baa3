import { Fragment } from 'preact';
import { isFailure, type StoredRecord } from '../../../model/stored-record.js';
import { RECORD_COLUMNS } from './record-columns.js';

interface RecordRowProps {
  readonly record: StoredRecord;
  readonly feedback: readonly StoredRecord[];
  readonly index: number;
  readonly total: number;
  /** Distance from the top of the list, in pixels. */
  readonly top: number;
  readonly isMarked: boolean;
  readonly onOpen: (id: string) => void;
}

export function RecordRow({ record, feedback, index, total, top, isMarked, onOpen }: RecordRowProps) {
  return (
    <div
      id={`row-${index}`}
      role="option"
      aria-selected={isMarked}
      aria-posinset={index + 1}
      aria-setsize={total}
      class="row"
      data-error={isFailure(record)}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(record.id)}
    >
      {RECORD_COLUMNS.map(({ name, cell }) => (
        <Fragment key={name}>{cell(record, feedback)}</Fragment>
      ))}
    </div>
  );
}
