import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RecordFeed } from '../../data/record-feed.js';
import { RECORD_COLUMNS } from './record-columns.js';
import { RecordRow } from './record-row.js';

interface RecordListProps {
  readonly feed: RecordFeed;
  readonly marked: string | null;
  readonly onOpen: (id: string) => void;
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
export function RecordList({ feed, marked, onOpen }: RecordListProps) {
  const { records } = feed;
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0, scrollbar: 0 });
  const [top, setTop] = useState(0);
  const isNarrow = size.width > 0 && size.width < NARROW_BELOW;
  const rowHeight = isNarrow ? NARROW_ROW_HEIGHT : ROW_HEIGHT;

  useSize(box, setSize);
  useScrollAnchor(box, records[0]?.seq ?? 0, feed, rowHeight);
  const markedIndex = marked === null ? -1 : records.findIndex((record) => record.id === marked);
  useLayoutEffect(() => scrollIntoView(box.current, markedIndex, rowHeight), [marked, rowHeight]);

  const first = Math.max(0, Math.floor(top / rowHeight) - OVERSCAN);
  const last = Math.min(records.length, Math.ceil((top + size.height) / rowHeight) + OVERSCAN);
  useEffect(() => () => feed.setAtTop(true), [feed]);
  useEffect(() => {
    if (last > records.length - LOAD_AHEAD) void feed.loadMore();
  }, [last, records.length, feed]);

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
          setTop(currentTarget.scrollTop);
          feed.setAtTop(currentTarget.scrollTop < rowHeight);
        }}
      >
        <div role="presentation" class="rows-space" style={{ height: `${records.length * rowHeight}px` }}>
          {records.slice(first, last).map((record, offset) => (
            <RecordRow
              key={record.seq}
              record={record}
              feedback={feed.feedback.forRecord(record.id)}
              index={first + offset}
              total={feed.total}
              top={(first + offset) * rowHeight}
              isMarked={record.id === marked}
              onOpen={onOpen}
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

/** Keeps the visible rows in place when records arrive above them. At the top of the list, the new records become visible instead. */
function useScrollAnchor(box: Box, newestSeq: number, feed: RecordFeed, rowHeight: number): void {
  const before = useRef(newestSeq);
  useLayoutEffect(() => {
    const element = box.current;
    const previous = before.current;
    before.current = newestSeq;
    if (!element || newestSeq === previous) return;
    if (element.scrollTop < rowHeight) {
      feed.trim();
      return;
    }
    const added = feed.records.findIndex((record) => record.seq <= previous);
    if (added > 0) element.scrollTop += added * rowHeight;
  }, [newestSeq, feed]);
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
