import { navigate, openId, withParams } from '../../browser/location.js';
import { formatCount } from '../../data/format.js';
import { useResource } from '../../data/use-resource.js';
import { Link } from '../../parts/link.js';
import { LoadState } from '../../parts/load-state.js';
import type { ViewProps } from '../view-props.js';
import { DatasetDetail } from './dataset-detail.js';

/** The view “Data sets”: answers that were chosen as examples, and their export. */
export function DatasetsView({ feed, path, params }: Pick<ViewProps, 'feed' | 'path' | 'params'>) {
  const { value, error, retry } = useResource('datasets', '', feed.documentChanges + feed.removals);
  const open = openId(params, 'open');
  if (!value) return <LoadState error={error} onRetry={retry} />;
  const { datasets } = value;
  if (datasets.length === 0)
    return (
      <div class="message">
        <h2>No data sets</h2>
        <p class="muted">
          A data set has answers that you choose, with corrections, for fine-tuning or for tests in another
          tool. “Add to a data set” is below each open answer, for instance in the view “Review”.
        </p>
      </div>
    );
  return (
    <div class="split conversations" data-open={open !== null}>
      <section class="list" aria-label="Data sets">
        <ul class="thread-list">
          {datasets.map(({ name, description, items, corrected }) => (
            <li key={name}>
              <Link href={`${path}?${withParams(params, { open: name }).toString()}`} current={name === open}>
                <span class="thread-prompt">{name}</span>
                <span class="thread-facts muted">
                  <span>{description}</span>
                  <span class="number">
                    {formatCount(items, 'answer')}
                    {corrected > 0 && `, ${corrected} corrected`}
                  </span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      </section>
      {open !== null && (
        <DatasetDetail
          key={open}
          name={open}
          changes={feed.documentChanges + feed.removals}
          onClose={() => navigate(path, withParams(params, { open: null }))}
        />
      )}
    </div>
  );
}
