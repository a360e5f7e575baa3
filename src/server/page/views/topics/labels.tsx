import type { LabelStatus } from '../../../insights/labels/label-status.js';
import { MAX_INTENTS } from '../../../insights/labels/category-names.js';
import { UNCLEAR } from '../../../insights/labels/label-values.js';
import { filterOf, KNOWN_DIMENSIONS } from '../../../model/measure/dimensions.js';
import { drillDown } from '../../browser/location.js';
import { pageSettings } from '../../browser/page-settings.js';
import { formatInteger } from '../../data/format.js';
import { useResource } from '../../data/use-resource.js';
import { BarList } from '../../parts/bar-list.js';
import type { ViewProps } from '../view-props.js';
import { CategoryForms } from './category-forms.js';

const LABELS = KNOWN_DIMENSIONS.filter(({ name }) => ['intent', 'sentiment', 'outcome'].includes(name));

/** Labels of a language model, and where texts are sent for them. Nothing if they are sent nowhere. */
export function Labels(props: Pick<ViewProps, 'params' | 'query'>) {
  const { value } = useResource('labels', '', 0);
  if (value?.isOn !== true) return null;
  return (
    <section class="labels" aria-label="Labels">
      <LabelsNote status={value} />
      {value.labelled > 0 && (
        <div class="cards">
          {LABELS.map((label) => (
            <LabelCard key={label.name} {...props} label={label} />
          ))}
        </div>
      )}
    </section>
  );
}

function LabelsNote({ status }: { readonly status: Extract<LabelStatus, { readonly isOn: true }> }) {
  const { to, model, labelled, waiting, failed, problem } = status;
  return (
    <p class="topics-note muted">
      Texts of prompts and answers are sent to <strong>{to}</strong>, where the model <strong>{model}</strong>{' '}
      labels them. Of the latest week, {formatInteger(labelled)} are labelled, {formatInteger(waiting)} wait
      {failed > 0 && `, ${formatInteger(failed)} could not be labelled`}.
      {problem !== null && ` The latest request failed: ${problem}.`}
    </p>
  );
}

interface LabelCardProps extends Pick<ViewProps, 'params' | 'query'> {
  readonly label: (typeof LABELS)[number];
}

/** Frequency of each value of a label under the filters. */
function LabelCard({ label: { name, title, dimension }, params, query }: LabelCardProps) {
  const { value, retry } = useResource(
    'measure',
    `${query}&measure=prompts&by=${name}&limit=${MAX_INTENTS}`,
    0,
  );
  const bars = (value?.groups ?? []).flatMap((group) =>
    group.name === null
      ? []
      : {
          name: group.name === UNCLEAR ? 'not enough to say' : group.name,
          value: group.values[0] ?? 0,
          href: drillDown('/', params, { [filterOf(dimension)]: group.name }),
        },
  );
  return (
    <section class="card" aria-label={title}>
      <h2>{title}</h2>
      <BarList bars={bars} empty={value ? 'No labels under these filters' : 'Loading …'} />
      {name === 'intent' && !pageSettings().mayNotEdit && (
        <CategoryForms
          names={(value?.groups ?? []).flatMap(({ name: category }) =>
            category === null || category === UNCLEAR ? [] : [category],
          )}
          onChanged={retry}
        />
      )}
    </section>
  );
}
