import type { ComponentChildren } from 'preact';
import { formatValue, type Format } from '../../insights/report/change-text.js';
import type { MeasureName } from '../../query/measure-request.js';
import { useResource } from '../data/use-resource.js';
import { LoadState } from '../parts/load-state.js';
import { ChangeOf } from './change-of.js';
import { ComparedNote } from './compared-note.js';
import { needsTime } from './needs-time.js';
import { timeZone } from '../browser/time-zone.js';

export type ComparedMeasure = readonly [measure: MeasureName, title: string, format: Format];

interface ComparedTilesProps {
  readonly params: URLSearchParams;
  /** The filters in `params`, as a query string for the API. */
  readonly query: string;
  readonly changes: number;
  readonly measures: readonly ComparedMeasure[];
  /** Content without a comparison. */
  readonly children?: ComponentChildren;
}

/** Numbers with their change, if the address says what they are compared with. */
export function ComparedTiles({ children, ...props }: ComparedTilesProps) {
  const against = props.params.get('against') ?? '';
  if (against === '') return children;
  if (!needsTime(props.params)) return <Tiles {...props} against={against} />;
  return (
    <>
      <p class="periods muted">Choose a time, to compare it with the one before.</p>
      {children}
    </>
  );
}

function Tiles({
  params,
  query,
  changes,
  measures,
  against,
}: ComparedTilesProps & { readonly against: string }) {
  const request = new URLSearchParams(query);
  request.set('against', against);
  request.set('parts', params.get('parts') ?? '');
  request.set('measure', measures.map(([measure]) => measure).join(','));
  request.set('timezone', timeZone());
  const { value, error, retry } = useResource('compare', request.toString(), changes);
  if (!value) return <LoadState error={error} onRetry={retry} />;
  return (
    <>
      <ComparedNote periods={value.periods} against={against} />
      <dl class="tiles">
        {measures.map(([measure, title, format], index) => {
          const change = value.changes[index];
          return (
            <div key={measure} class="card">
              <dt>{title}</dt>
              <dd>
                <span class="tile-value number">{formatValue(change?.value ?? null, format)}</span>
                {change && <ChangeOf change={change} format={format} />}
              </dd>
            </div>
          );
        })}
      </dl>
    </>
  );
}
