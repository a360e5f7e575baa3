import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RecordFeed } from '../../data/record-feed.js';
import { RECORD_COLUMNS } from './record-columns.js';
import type { ListRow } from './fold-turns.js';
import { RecordRow } from './record-row.js';

interface RecordListProps {
  readonly feed: RecordFeed;
  /** The rows of all loaded records. */
  readonly rows: readonly ListRow[];
  readonly marked: string | null;
  readonly onOpen: (id: string) => void;
  /** Shows or hides the calls of a turn. */
  readonly onFold: (id: string) => void;
}

interface Size {
  readonly width: number;
  readonly height: number;
  /** Width of the vertical scrollbar. */
  readonly scrollbar: number;
}

/** Heights in pixels. Must equal those of `.row` and `.rows[data-narrow] .row` in `styles/3-list.css`. */
const ROW_HEIGHT = 38;
const NARROW_ROW_HEIGHT = 92;
/** Width in pixels below which a record takes four lines. */
const NARROW_BELOW = 760;
/** Number of rows rendered above and below the visible ones. */
const OVERSCAN = 8;
/** Number of rows before the end of the list at which the next page is loaded. */
const LOAD_AHEAD = 60;

/** Scrolling list of all loaded records. Only the visible rows are rendered. */
export function RecordList({ feed, rows, marked, onOpen, onFold }: RecordListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0, scrollbar: 0 });
  const [top, setTop] = useState(0);
  const isNarrow = size.width > 0 && size.width < NARROW_BELOW;
  const rowHeight = isNarrow ? NARROW_ROW_HEIGHT : ROW_HEIGHT;

  useSize(box, setSize);
  const keepAnchor = useScrollAnchor(box, rows, feed, rowHeight);
  const markedIndex = marked === null ? -1 : rows.findIndex(({ record }) => record.id === marked);
  useLayoutEffect(() => scrollIntoView(box.current, markedIndex, rowHeight), [marked, rowHeight]);

  const first = Math.max(0, Math.floor(top / rowHeight) - OVERSCAN);
  const last = Math.min(rows.length, Math.ceil((top + size.height) / rowHeight) + OVERSCAN);
  useEffect(() => () => feed.setAtTop(true), [feed]);
  useEffect(() => {
    if (last > rows.length - LOAD_AHEAD) void feed.loadMore();
  }, [last, feed.records.length, feed]);

  return (
    <section class="list" aria-label="Records">
      {!isNarrow && <ColumnNames scrollbar={size.scrollbar} />}
      {feed.isBehind && top >= rowHeight && (
        <button type="button" class="to-top" onClick={() => box.current?.scrollTo(0, 0)}>
          Newer records ↑
        </button>
      )}
      <div
        ref={box}
        class="rows"
        data-narrow={isNarrow}
        role="listbox"
        aria-label="Records, latest first"
        aria-activedescendant={markedIndex >= first && markedIndex < last ? `row-${markedIndex}` : undefined}
        tabIndex={0}
        onScroll={({ currentTarget }) => {
          keepAnchor();
          setTop(currentTarget.scrollTop);
          feed.setAtTop(currentTarget.scrollTop < rowHeight);
        }}
      >
        <div role="presentation" class="rows-space" style={{ height: `${rows.length * rowHeight}px` }}>
          {rows.slice(first, last).map((row, offset) => (
            <RecordRow
              key={row.record.seq}
              row={row}
              feedback={feed.feedback.forRecord(row.record.id)}
              index={first + offset}
              total={feed.hasMore ? feed.total : rows.length}
              top={(first + offset) * rowHeight}
              isMarked={row.record.id === marked}
              onOpen={onOpen}
              onFold={onFold}
            />
          ))}
        </div>
      </div>
    </section>
  );
}

function ColumnNames({ scrollbar }: { readonly scrollbar: number }) {
  return (
    <div class="row column-names" aria-hidden="true" style={{ paddingRight: `${16 + scrollbar}px` }}>
      {RECORD_COLUMNS.map(({ name, isNumber }) => (
        <span key={name} class={isNumber ? 'number' : undefined}>
          {name}
        </span>
      ))}
    </div>
  );
}

type Box = { readonly current: HTMLDivElement | null };

function useSize(box: Box, setSize: (size: Size) => void): void {
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() =>
      setSize({
        width: element.clientWidth,
        height: element.clientHeight,
        scrollbar: element.offsetWidth - element.clientWidth,
      }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
}

/**
 * Keeps the visible rows in place when rows come or go above them. At the top of the list, the new records become visible instead.
 * Returns a function to call when the list was scrolled.
 */
function useScrollAnchor(
  box: Box,
  rows: readonly ListRow[],
  feed: RecordFeed,
  rowHeight: number,
): () => void {
  const anchor = useRef({ seq: -1, index: 0 });
  const keepAnchor = (): void => {
    const index = Math.ceil((box.current?.scrollTop ?? 0) / rowHeight);
    anchor.current = { seq: rows[index]?.record.seq ?? -1, index };
  };
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const { seq, index } = anchor.current;
    const moved = rows.findIndex(({ record }) => record.seq === seq) - index;
    if (element.scrollTop < rowHeight) feed.trim();
    else if (moved > -index - 1 && moved !== 0) element.scrollTop += moved * rowHeight;
    keepAnchor();
  }, [rows, feed]);
  return keepAnchor;
}

function scrollIntoView(element: HTMLElement | null, index: number, rowHeight: number): void {
  if (!element || index < 0) return;
  const [start, end] = [index * rowHeight, (index + 1) * rowHeight];
  const [above, below] = [element.scrollTop - start, end - element.scrollTop - element.clientHeight];
  if (above <= 0 && below <= 0) return;
  // After a step the row is at the edge, after a jump in the middle.
  const isStep = above <= rowHeight && below <= rowHeight;
  if (!isStep) element.scrollTop = start - (element.clientHeight - rowHeight) / 2;
  else if (above > 0) element.scrollTop = start;
  else element.scrollTop += below;
}
