import { dimensionOf, KNOWN_DIMENSIONS } from '../../../model/measure/dimensions.js';
import { drillDown, navigate, withParams } from '../../browser/location.js';
import { dimensionFilter, groupPath } from '../../browser/page-settings.js';
import { useResource } from '../../data/use-resource.js';
import { CoveredTime } from '../../parts/covered-time.js';
import { LoadState } from '../../parts/load-state.js';
import type { ViewProps } from '../view-props.js';
import { choiceOf, choiceQuery, type Choice } from './choice.js';
import { CompareTable } from './compare-table.js';
import { ExploreControls } from './explore-controls.js';
import { MeasurePlots } from './measure-plots.js';
import { MeasureTable } from './measure-table.js';
import { timeZone } from '../../browser/time-zone.js';

/** Any measures of the records that match the filters: by a dimension, over time, or compared. */
export function ExploreView(props: ViewProps) {
  const { path, params } = props;
  const choice = choiceOf(params);
  return (
    <>
      <ExploreControls
        choice={choice}
        params={params}
        onChange={(changes) => navigate(path, withParams(params, changes))}
      />
      {choice.against === '' ? (
        <Measured {...props} choice={choice} />
      ) : (
        <Compared {...props} choice={choice} />
      )}
    </>
  );
}

interface AnswerProps extends ViewProps {
  readonly choice: Choice;
}

function Measured({ feed, params, query, choice }: AnswerProps) {
  const { value, error, retry } = useResource(
    'measure',
    choiceQuery(choice, query, timeZone()),
    feed.changes,
  );
  const { measures } = choice;
  // The answer of before has other measures until the next one is here.
  if (!value || value.total.values.length !== measures.length)
    return <LoadState error={error} onRetry={retry} />;
  return (
    <>
      <CoveredTime since={value.since} />
      {choice.step === '' ? (
        <MeasureTable answer={value} measures={measures} {...dimensionProps(choice, params)} />
      ) : (
        <MeasurePlots answer={value} measures={measures} />
      )}
    </>
  );
}

function Compared({ feed, params, query, choice }: AnswerProps) {
  const { value, error, retry } = useResource(
    'compare',
    choiceQuery(choice, query, timeZone()),
    feed.changes,
  );
  const { measures } = choice;
  if (!value || value.changes.length !== measures.length) return <LoadState error={error} onRetry={retry} />;
  return <CompareTable answer={value} measures={measures} {...dimensionProps(choice, params)} />;
}

function dimensionProps({ by }: Choice, params: URLSearchParams) {
  const dimension = by === '' ? undefined : dimensionOf(by);
  return {
    dimension: KNOWN_DIMENSIONS.find(({ name }) => name === by)?.title ?? by.replace(/^prop\./, ''),
    hrefOf: (name: string | null): string | undefined =>
      name === null || dimension === undefined
        ? undefined
        : drillDown(groupPath(dimension), params, { [dimensionFilter(dimension)]: name }),
  };
}
