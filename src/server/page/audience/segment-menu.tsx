import { useRef, useState } from 'preact/hooks';
import type { Segment } from '../../audience/segments.js';
import { filtersOf, navigate, withFilter, withoutFilter, withParams } from '../browser/location.js';
import { pageSettings } from '../browser/page-settings.js';
import { useResource } from '../data/use-resource.js';
import { Menu } from '../parts/menu.js';
import type { ViewProps } from '../views/view-props.js';
import { SegmentDialog } from './segment-dialog.js';

/** Segments of people to filter by, and the way to a new one from the filters that are set. */
export function SegmentMenu({ path, params }: Pick<ViewProps, 'path' | 'params'>) {
  const { value } = useResource('segments', '', 0);
  const [edited, setEdited] = useState<Segment>();
  const menu = useRef<HTMLDetailsElement>(null);
  const edit = (segment: Segment): void => {
    if (menu.current) menu.current.open = false;
    setEdited(segment);
  };
  const toggle = (name: string, isChosen: boolean): void => {
    const filter = { name: 'segment', value: name };
    const changed = isChosen ? withFilter(params, filter) : withoutFilter(params, filter);
    navigate(path, withParams(changed, { record: null }));
  };
  const segments = value?.segments ?? [];
  return (
    <>
      <Menu label="Segment" menu={menu} kind="segment">
        <fieldset class="menu-body">
          <legend class="visually-hidden">Segments of people</legend>
          {segments.length === 0 && (
            <p class="muted">A segment is a filter over people with a name. There is none yet.</p>
          )}
          {segments.map((segment) => (
            <div key={segment.name} class="segment">
              <label class="choice">
                <input
                  type="checkbox"
                  checked={params.getAll('segment').includes(segment.name)}
                  disabled={segment.problem !== undefined}
                  onChange={(event) => toggle(segment.name, event.currentTarget.checked)}
                />
                <span>{segment.name}</span>
              </label>
              <button
                type="button"
                class="quiet"
                aria-label={`Change segment ${segment.name}`}
                onClick={() => edit(segment)}
              >
                {pageSettings().mayNotEdit ? 'Show' : 'Change'}
              </button>
            </div>
          ))}
          {!pageSettings().mayNotEdit && (
            <button
              type="button"
              onClick={() => edit({ name: '', filters: currentFilters(params), version: 0 })}
            >
              New segment …
            </button>
          )}
        </fieldset>
      </Menu>
      {edited && <SegmentDialog segment={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}

/** Returns the filters that are set as one of a segment, without those that say which time is looked at, and whose records count. */
function currentFilters(params: URLSearchParams): readonly string[] {
  const own = filtersOf(params).filter(
    ({ name }) => !['segment', 'not.segment', 'internal', 'since', 'until'].includes(name),
  );
  return own.length === 0
    ? []
    : [own.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('&')];
}
