import type { ComponentChildren } from 'preact';
import type { Change } from '../../../insights/compare/change.js';
import { countOf, formatValue, type Format } from '../../../insights/report/change-text.js';
import type { NamedChange } from '../../../insights/summary/summary.js';
import { ChangeOf } from '../../comparison/change-of.js';
import { Link } from '../../parts/link.js';

interface FigureProps {
  readonly name: string;
  readonly change: Change;
  readonly format: Format;
  /** Names what is behind a rate, such as `requests`. */
  readonly of?: string;
  /** True if it rose by more than chance explains. */
  readonly isRisen?: boolean;
}

/** A number with what is behind it, its change and the number before. */
export function Figure({ name, change, format, of, isRisen = false }: FigureProps) {
  const isKnown = change.value !== null && of !== undefined && change.n !== null;
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>
        <strong class="number-left">{formatValue(change.value, format)}</strong>
        {isRisen && (
          <span class="risen" title="It rose by more than chance explains.">
            <span aria-hidden="true">↑</span>
            <span class="visually-hidden">rose by more than chance explains</span>
          </span>
        )}
        {isKnown && <span class="muted">of {countOf(change.n ?? 0, of)}</span>}
        <ChangeOf change={change} format={format} />
      </dd>
    </div>
  );
}

export function Figures({ children }: { readonly children: ComponentChildren }) {
  return <dl class="figures">{children}</dl>;
}

interface RankingProps {
  readonly title: string;
  readonly entries: readonly NamedChange[];
  readonly format: Format;
  /** Text for the records that have no value. */
  readonly nameless: string;
  readonly hrefOf: (name: string) => string;
}

/** Names with the largest values now. Nothing if there are none. */
export function Ranking({ title, entries, format, nameless, hrefOf }: RankingProps) {
  if (entries.length === 0) return null;
  const most = Math.max(...entries.map(({ change }) => change.value ?? 0)) || 1;
  return (
    <section class="ranking">
      <h3>{title}</h3>
      <ul class="bar-list">
        {entries.map(({ name, change }) => (
          <li key={name ?? ''}>
            <span class="bar" style={{ width: `${(100 * (change.value ?? 0)) / most}%` }} />
            {name === null ? (
              <span class="muted">{nameless}</span>
            ) : (
              <Link href={hrefOf(name)} title={name}>
                {name}
              </Link>
            )}
            <span class="number">
              {formatValue(change.value, format)} <ChangeOf change={change} format={format} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
