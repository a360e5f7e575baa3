import { formatInteger } from '../data/format.js';
import { Link } from './link.js';
import { visibleText } from '../data/visible-text.js';

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly href?: string;
  /** Text in place of the number. */
  readonly text?: string;
}

const MAX_BARS = 8;

/** A horizontal bar chart: at most `MAX_BARS` names with their values, and `empty` when there is none. */
export function BarList({ bars, empty }: { readonly bars: readonly Bar[]; readonly empty: string }) {
  // Values may be fractions: latencies are in seconds.
  const most = Math.max(...bars.map((bar) => bar.value)) || 1;
  if (bars.length === 0) return <p class="muted">{empty}</p>;
  return (
    <ul class="bar-list">
      {bars.slice(0, MAX_BARS).map((bar) => (
        <li key={bar.name}>
          <span class="bar" style={{ width: `${(100 * bar.value) / most}%` }} />
          {bar.href ? (
            <Link href={bar.href} title={bar.name}>
              {bar.name}
            </Link>
          ) : (
            <span title={bar.name}>{visibleText(bar.name)}</span>
          )}
          <span class="number">{bar.text ?? formatInteger(bar.value)}</span>
        </li>
      ))}
      {bars.length > MAX_BARS && <li class="muted">… and more</li>}
    </ul>
  );
}
