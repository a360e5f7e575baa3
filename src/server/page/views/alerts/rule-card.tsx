import { dimensionOf } from '../../../model/measure/dimensions.js';
import type { ListedRule } from '../../../insights/alerts/alert-list.js';
import { subjectText, thresholdText, readingText } from '../../../insights/alerts/alert-texts.js';
import type { LastingCondition } from '../../../insights/alerts/alert-state.js';
import { drillDown } from '../../browser/location.js';
import { dimensionFilter, groupPath } from '../../browser/page-settings.js';
import { formatFullTime, formatTime } from '../../data/format.js';
import { Link } from '../../parts/link.js';
import { RuleHistory } from './rule-history.js';
import { toFields, toRule } from './rule-fields.js';

/** Values that are listed of a dimension. */
const MAX_LISTED = 10;

interface RuleCardProps {
  readonly rule: ListedRule;
  readonly onOpen: () => void;
}

/** A rule with its state, what it measures now, and its history. */
export function RuleCard({ rule, onOpen }: RuleCardProps) {
  const { title, name, problem, alerting, pending, history } = rule;
  return (
    <section class="card alert-rule" aria-label={title}>
      <div class="alert-title">
        <h2>{title}</h2>
        <State rule={rule} />
        <button type="button" class="quiet" onClick={onOpen} aria-label={`Open the rule ${name}`}>
          Open
        </button>
      </div>
      <p class="muted">{describe(rule)}</p>
      {problem !== null && <p role="alert">{problem}</p>}
      {alerting.length > 0 && (
        <ul class="alert-subjects">
          {alerting.slice(0, MAX_LISTED).map((subject) => (
            <li key={subjectText(subject)}>
              <Subject rule={rule} subject={subject} />
            </li>
          ))}
          {alerting.length > MAX_LISTED && <li class="muted">… and {alerting.length - MAX_LISTED} more</li>}
        </ul>
      )}
      {pending.length > 0 && (
        <p class="muted">
          {pending
            .slice(0, MAX_LISTED)
            .map((subject) => `${subjectText(subject) || 'The measure'} has changed`)
            .join(', ')}
          : counts if it lasts.
        </p>
      )}
      {alerting.length === 0 && <Now rule={rule} />}
      {history.length > 0 && <RuleHistory rule={rule} />}
    </section>
  );
}

function State({ rule: { alerting, isEvaluated, reading, problem } }: { readonly rule: ListedRule }) {
  const isTooLittle = reading?.groups.every(({ isEnough }) => !isEnough) ?? false;
  const [state, text] =
    problem !== null
      ? ['problem', 'Does not work']
      : !isEvaluated
        ? ['paused', 'Paused']
        : alerting.length > 0
          ? ['alerting', 'Alerting']
          : ['ok', isTooLittle ? 'OK, too little to say' : 'OK'];
  return (
    <span class="alert-state" data-state={state}>
      {text}
    </span>
  );
}

/** Subjects that are alerting, since when, with their present values. */
function Subject({ rule, subject }: { readonly rule: ListedRule; readonly subject: LastingCondition }) {
  const { measure, by, window, filters } = toFields(rule.value);
  const name = subjectText(subject);
  const reading = rule.reading?.groups.find(({ group }) => (group ?? '') === name);
  const dimension = dimensionOf(by);
  const params = new URLSearchParams(filters);
  const own = {
    since: window,
    ...(dimension !== undefined && name !== '' && { [dimensionFilter(dimension)]: name }),
  };
  const text = name === '' ? 'All records' : name;
  return (
    <>
      <Link href={drillDown(dimension === undefined ? '/' : groupPath(dimension), params, own)}>{text}</Link>{' '}
      {reading && <strong>{readingText(measure, reading)}</strong>}{' '}
      <span class="muted" title={formatFullTime(subject.since)}>
        since {formatTime(subject.since)}
      </span>
    </>
  );
}

/** Present values, largest first. */
function Now({ rule: { reading, value } }: { readonly rule: ListedRule }) {
  if (!reading) return null;
  const { measure } = toFields(value);
  const [first, ...others] = reading.groups.slice(0, 3);
  if (!first) return <p class="muted">Now: nothing to measure</p>;
  const texts = [first, ...others].map((one) =>
    one.group === null ? readingText(measure, one) : `${one.group}: ${readingText(measure, one)}`,
  );
  return <p class="muted">Now: {texts.join(' · ')}</p>;
}

function describe({ value }: ListedRule): string {
  const { measure, by, direction, window, filters } = toFields(value);
  const limit = toRule(toFields(value))[direction];
  if (typeof limit !== 'number' || measure === '') return 'A rule that cannot be read';
  const threshold = direction === 'above' ? { above: limit } : { below: limit };
  const text = thresholdText({
    measureName: measure,
    byName: by === '' ? undefined : by,
    threshold,
    window,
  });
  return filters === '' ? text : `${text}, for ${filters.replaceAll('&', ' and ')}`;
}
