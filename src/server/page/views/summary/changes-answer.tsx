import type { ComponentChildren } from 'preact';
import { dimensionOf, filterOf } from '../../../model/measure/dimensions.js';
import type {
  Arrival,
  ChangesSummary,
  DimensionChanges,
  Quality,
  QualityMeasure,
} from '../../../insights/summary/summary.js';
import type { Format } from '../../../insights/report/change-text.js';
import { formatCount } from '../../data/format.js';
import { useResource } from '../../data/use-resource.js';
import { Link } from '../../parts/link.js';
import { AnswerCard, Hint, type AnswerProps } from './answer-card.js';
import { Figure, Figures } from './figures.js';
import { arrivalLink, exploreLink } from './links.js';
import { visibleText } from '../../data/visible-text.js';

const KINDS: Readonly<Record<DimensionChanges['dimension'], string>> = {
  release: 'Release',
  prompt: 'Prompt',
  prompt_version: 'Prompt version',
  model: 'Model',
};

const MEASURES: Readonly<Record<QualityMeasure, readonly [name: string, format: Format, of?: string]>> = {
  errorRate: ['Failed', 'share', 'requests'],
  badShare: ['Bad answers', 'share', 'rated'],
  latencyP95: ['95 % answered in', 'seconds'],
  costPerCall: ['Cost of a call', 'cost'],
};

const RISEN: Readonly<Record<QualityMeasure, string>> = {
  errorRate: 'more requests fail',
  badShare: 'more answers are bad',
  latencyP95: 'answers take longer',
  costPerCall: 'a call costs more',
};

/** Answers "What got worse after the prompt or model changed?". */
export function ChangesAnswer({ params, query, changes }: AnswerProps) {
  const { value, error, retry } = useResource('summary', `${query}&part=changes`, changes);
  const answer = value?.changes;
  const arrivals = answer?.dimensions.flatMap((one) => one.arrivals.map((arrival) => ({ ...one, arrival })));
  return (
    <AnswerCard
      question="What got worse after a release, prompt or model changed?"
      answer={answer && sentence(answer)}
      error={error}
      onRetry={retry}
      explanations={[
        { name: 'By release', href: exploreLink(params, QUALITY, 'release') },
        { name: 'By prompt version', href: exploreLink(params, QUALITY, 'prompt_version') },
        { name: 'By model', href: exploreLink(params, QUALITY, 'model') },
      ]}
    >
      {answer && arrivals && (
        <>
          {arrivals.slice(0, MAX_SHOWN).map(({ dimension, arrival }) => (
            <ArrivalNumbers
              key={`${dimension} ${arrival.prompt ?? ''} ${arrival.name}`}
              arrival={arrival}
              kind={KINDS[dimension]}
              href={arrivalLink(params, filterFor(dimension), arrival, value.periods?.before)}
            />
          ))}
          {arrivals.length > MAX_SHOWN && (
            <p class="muted">… and {formatCount(arrivals.length - MAX_SHOWN, 'further change')}</p>
          )}
          {arrivals.length === 0 && <Qualities quality={answer.total} />}
          <Unknown dimensions={answer.dimensions} />
        </>
      )}
    </AnswerCard>
  );
}

const QUALITY = 'errorRate,badShare,latencyP95,cost,requests';
const MAX_SHOWN = 3;

function filterFor(dimension: DimensionChanges['dimension']): string {
  return filterOf(dimensionOf(dimension) ?? 'model');
}

function sentence({ total, dimensions }: ChangesSummary): string {
  if ((total.requests.before ?? 0) === 0) return 'There is nothing before this time to compare with.';
  const arrivals = dimensions.flatMap(({ dimension, arrivals: list }) =>
    list.map((arrival) => ({ dimension, arrival })),
  );
  const worse = arrivals.filter(({ arrival }) => arrival.risen.length > 0);
  if (worse.length > 0)
    return `${worse.map(({ dimension, arrival }) => `With ${nameOf(KINDS[dimension], arrival)}, ${arrival.risen.map((one) => RISEN[one]).join(' and ')}`).join('. ')}.`;
  const inAll =
    total.risen.length === 0
      ? 'Nothing got worse by more than chance.'
      : `In all, ${total.risen.map((one) => RISEN[one]).join(' and ')}.`;
  return arrivals.length === 0 ? `${inAll} No release, prompt or model is new.` : inAll;
}

function nameOf(kind: string, { name, prompt }: Arrival): string {
  const text = `${kind.toLowerCase()} ${name}`;
  return prompt === undefined ? text : `${text} of ${prompt}`;
}

interface ArrivalProps {
  readonly arrival: Arrival;
  readonly kind: string;
  readonly href: string;
}

function ArrivalNumbers({ arrival, kind, href }: ArrivalProps) {
  const { name, prompt, predecessor } = arrival;
  return (
    <section class="arrival">
      <h3>
        {kind} {predecessor === null ? <b>{visibleText(name)}</b> : <Link href={href}>{name}</Link>}
        {prompt !== undefined && ` of ${prompt}`}
        {predecessor === null ? ', the first one' : `, after ${predecessor}`}
        <span class="muted"> · {formatCount(arrival.requests.value ?? 0, 'request')}</span>
      </h3>
      <Qualities quality={arrival} />
    </section>
  );
}

function Qualities({ quality }: { readonly quality: Quality }): ComponentChildren {
  const names = Object.keys(MEASURES) as QualityMeasure[];
  const known = names.filter((name) => quality[name].value !== null);
  return (
    <Figures>
      {known.map((name) => {
        const [title, format, of] = MEASURES[name];
        return (
          <Figure
            key={name}
            name={title}
            change={quality[name]}
            format={format}
            {...(of !== undefined && { of })}
            isRisen={quality.risen.includes(name)}
          />
        );
      })}
    </Figures>
  );
}

/** Says what has to be sent, so that changes can be told. */
function Unknown({ dimensions }: { readonly dimensions: readonly DimensionChanges[] }) {
  const isUnknown = (name: DimensionChanges['dimension']): boolean =>
    dimensions.some(({ dimension, isKnown }) => dimension === name && !isKnown);
  if (!isUnknown('release') && !isUnknown('prompt_version')) return null;
  return (
    <Hint>
      {isUnknown('release') && (
        <>
          Releases are told apart by the resource attribute <code>service.version</code>.{' '}
        </>
      )}
      {isUnknown('prompt_version') && (
        <>
          Prompts by <code>gen_ai.prompt.name</code> and <code>gen_ai.prompt.version</code> on the span, or{' '}
          <code>prompt_name</code> and <code>prompt_version</code> in the metadata.
        </>
      )}
    </Hint>
  );
}
