import { useRef, useState } from 'preact/hooks';
import type { InternalMode } from '../../audience/read-query.js';
import { navigate, withParams } from '../browser/location.js';
import { formatCount, formatInteger, formatTotal } from '../data/format.js';
import { useResource } from '../data/use-resource.js';
import { Menu } from '../parts/menu.js';
import type { ViewProps } from '../views/view-props.js';
import { RuleDialog } from './rule-dialog.js';

const MODES: readonly (readonly [InternalMode, string])[] = [
  ['hide', 'Hide it'],
  ['show', 'Show it as well'],
  ['only', 'Show nothing else'],
];

/** Says how much internal traffic is hidden under the filters, and switches it. Its rule can be changed here. */
export function InternalMenu({ feed, path, params, query }: Omit<ViewProps, 'isEmpty'>) {
  const { value, retry } = useResource('internal', query, feed.changes);
  const [isEditing, setEditing] = useState(false);
  const menu = useRef<HTMLDetailsElement>(null);
  const mode = modeOf(params);
  const choose = (chosen: InternalMode): void =>
    navigate(path, withParams(params, { internal: chosen === 'hide' ? null : chosen, record: null }));
  const close = (): void => {
    setEditing(false);
    retry();
  };
  return (
    <>
      <Menu label={labelOf(mode, value?.records)} menu={menu} kind="internal">
        <fieldset class="menu-body">
          <legend class="visually-hidden">Internal traffic</legend>
          <p>
            {value
              ? `${formatTotal(value.records, value.isCapped, 'internal record')} of ${formatCount(value.people, 'person', 'people')} under these filters: tests, bots, colleagues.`
              : 'Internal traffic: tests, bots, colleagues.'}
          </p>
          {MODES.map(([name, text]) => (
            <label key={name} class="choice">
              <input type="radio" name="internal" checked={mode === name} onChange={() => choose(name)} />
              {text}
            </label>
          ))}
          <button
            type="button"
            disabled={!value}
            onClick={() => {
              if (menu.current) menu.current.open = false;
              setEditing(true);
            }}
          >
            What is internal …
          </button>
          {value?.rule.problem !== undefined && (
            <p role="alert">The stored rule cannot be read: {value.rule.problem}. The default one applies.</p>
          )}
        </fieldset>
      </Menu>
      {isEditing && value && <RuleDialog rule={value.rule} onClose={close} />}
    </>
  );
}

function modeOf(params: URLSearchParams): InternalMode {
  const text = params.get('internal');
  return MODES.find(([name]) => name === text)?.[0] ?? 'hide';
}

function labelOf(mode: InternalMode, records = 0): string {
  if (mode === 'show') return 'Internal shown';
  if (mode === 'only') return 'Internal only';
  return records === 0 ? 'Internal' : `${formatInteger(records)} internal hidden`;
}
