import { formatValue } from '../../../insights/report/change-text.js';
import type { ConversationOutcome, CostSummary, OutcomeCost } from '../../../insights/summary/summary.js';
import { drillDown } from '../../browser/location.js';
import { pageSettings } from '../../browser/page-settings.js';
import { formatCost } from '../../data/cost-text.js';
import { formatCount, formatPercent } from '../../data/format.js';
import { useResource } from '../../data/use-resource.js';
import { AnswerCard, Hint, type AnswerProps } from './answer-card.js';
import { Figure, Figures, Ranking } from './figures.js';
import { exploreLink } from './links.js';
import { Trend } from './trend.js';

/** Answers "What does it cost, by customer and model, and is the spend going to conversations that succeed?". */
export function CostAnswer({ params, query, changes }: AnswerProps) {
  const { value, error, retry } = useResource('summary', `${query}&part=cost`, changes);
  const cost = value?.cost;
  const by = cost?.customers.by ?? 'organization';
  const { organizationProperty } = pageSettings();
  return (
    <AnswerCard
      question="What does it cost, and does it go to conversations that succeed?"
      answer={cost && sentence(cost)}
      error={error}
      onRetry={retry}
      explanations={[
        {
          name: by === 'user' ? 'By person' : 'By organization',
          href: exploreLink(params, 'cost,requests,people', by),
        },
        { name: 'By model', href: exploreLink(params, 'cost,requests,totalTokens,unpricedCalls', 'model') },
        {
          name: 'Most expensive conversations',
          href: drillDown('/conversations', params, { order: 'cost' }),
        },
      ]}
    >
      {cost && value && (
        <>
          <Figures>
            <Figure name="Cost" change={cost.cost} format="cost" />
            <Figure name="A call" change={cost.costPerCall} format="cost" />
            <Figure name="A person" change={cost.costPerPerson} format="cost" />
          </Figures>
          <Trend title="Cost" steps={value.steps} values={cost.series.cost} format={formatCost} />
          <ByOutcome outcomes={cost.byOutcome} />
          <div class="pair">
            <Ranking
              title={by === 'user' ? 'People' : 'Organizations'}
              entries={cost.customers.groups.slice(0, 3)}
              format="cost"
              nameless="without one"
              hrefOf={(name) =>
                by === 'user'
                  ? drillDown('/people', params, { user: name })
                  : drillDown('/', params, { [`prop.${organizationProperty}`]: name })
              }
            />
            <Ranking
              title="Models"
              entries={cost.models.slice(0, 3)}
              format="cost"
              nameless="unknown"
              hrefOf={(model) => drillDown('/', params, { model })}
            />
          </div>
          {by === 'user' && cost.cost.value !== null && (
            <Hint>
              To see the cost of customers, send <code>{organizationProperty}</code> as a property.
            </Hint>
          )}
        </>
      )}
    </AnswerCard>
  );
}

function sentence({ cost, unpricedCalls, byOutcome }: CostSummary): string {
  const [dollars, unpriced] = [cost.value, unpricedCalls.value ?? 0];
  if (dollars === null && unpriced === 0) return 'No calls with usage in this time.';
  if (dollars === null)
    return `${formatCount(unpriced, 'call')} without a price: the model is unknown, or the usage.`;
  const rest =
    unpriced === 0 ? '' : `. ${formatCount(unpriced, 'further call has', 'further calls have')} no price`;
  const costOf = (outcome: ConversationOutcome): number =>
    byOutcome.find((one) => one.outcome === outcome)?.cost ?? 0;
  const troubled = costOf('troubled');
  const all = `The recorded calls cost ${formatCost(dollars)}${rest}.`;
  if (!(dollars > 0)) return all;
  if (troubled === 0) return `${all} None of it went to conversations with an error or a bad answer.`;
  return `${all} ${formatPercent(troubled, dollars)} went to conversations with an error or a bad answer.`;
}

const NAMES: Readonly<Record<ConversationOutcome, string>> = {
  praised: 'Rated, none bad',
  unknown: 'No sign of trouble',
  troubled: 'Error or bad answer',
  single: 'Not in a conversation',
  unread: 'Cheaper ones, not looked at',
};

/** Cost of the period, by how conversations went. */
function ByOutcome({ outcomes }: { readonly outcomes: readonly OutcomeCost[] }) {
  const priced = outcomes.filter(({ cost }) => cost !== null && cost > 0);
  const all = priced.reduce((sum, { cost }) => sum + (cost ?? 0), 0);
  if (all === 0) return null;
  return (
    <div class="shares">
      <span class="shares-bar" aria-hidden="true">
        {priced.map(({ outcome, cost }) => (
          <i key={outcome} data-part={outcome} style={{ width: `${(100 * (cost ?? 0)) / all}%` }} />
        ))}
      </span>
      <ul>
        {priced.map(({ outcome, count, cost }) => (
          <li key={outcome}>
            <i data-part={outcome} aria-hidden="true" /> {NAMES[outcome]}{' '}
            <strong>{formatValue(cost, 'cost')}</strong>{' '}
            <span class="muted">{formatCount(count, outcome === 'single' ? 'request' : 'conversation')}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
