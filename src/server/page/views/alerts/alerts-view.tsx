import { useEffect, useState } from 'preact/hooks';
import type { ListedRule } from '../../../insights/alerts/alert-list.js';
import { pageSettings } from '../../browser/page-settings.js';
import { useResource } from '../../data/use-resource.js';
import { LoadState } from '../../parts/load-state.js';
import { RuleCard } from './rule-card.js';
import { RuleDialog } from './rule-dialog.js';
import { newFields, toFields, type RuleFields } from './rule-fields.js';

/** States change at most once a minute. */
const REFRESH_MS = 15_000;

interface OpenRule {
  /** Undefined: a new one. */
  readonly rule?: ListedRule;
  readonly fields: RuleFields;
}

/** The view “Alerts”: rules with their states. The filters of the address are those of a new rule. */
export function AlertsView({ query }: { readonly query: string }) {
  const { value, error, retry } = useResource('alerts', '', useTicks(REFRESH_MS));
  const [open, setOpen] = useState<OpenRule>();
  if (!value) return <LoadState error={error} onRetry={retry} />;
  const { rules, webhooks } = value;
  const close = (isChanged: boolean): void => {
    setOpen(undefined);
    if (isChanged) retry();
  };
  return (
    <div class="alerts" tabIndex={0} role="region" aria-label="Alerts">
      <div class="alerts-head">
        <p class="muted">
          Rules are evaluated once a minute.{' '}
          {webhooks.length > 0 ? (
            <>
              Changes of their state are posted to <Hosts hosts={webhooks} />.
            </>
          ) : (
            <>
              Changes of their state are shown here alone. To post them to a webhook, start the server with{' '}
              <code>--webhook URL</code>.
            </>
          )}
        </p>
        {!pageSettings().mayNotEdit && (
          <button type="button" onClick={() => setOpen({ fields: newFields(query) })}>
            New rule
          </button>
        )}
      </div>
      {rules.length === 0 && (
        <div class="message">
          <h2>No rules yet</h2>
          <p class="muted">
            A rule tells when a number leaves its bounds: the cost of a person, an organization or a model,
            the error rate, the share of bad answers, how many people are active, or that nothing has come for
            a while.
          </p>
        </div>
      )}
      {rules
        .toSorted((a, b) => urgencyOf(b) - urgencyOf(a))
        .map((rule) => (
          <RuleCard
            key={rule.name}
            rule={rule}
            onOpen={() => setOpen({ rule, fields: toFields(rule.value) })}
          />
        ))}
      {open && <RuleDialog {...open} onClose={close} />}
    </div>
  );
}

/** Sorts rules that need attention first, then by name. */
function urgencyOf({ alerting, problem, isEvaluated }: ListedRule): number {
  if (alerting.length > 0 && isEvaluated) return 3;
  if (problem !== null) return 2;
  return isEvaluated ? 1 : 0;
}

function Hosts({ hosts }: { readonly hosts: readonly string[] }) {
  return (
    <>
      {hosts.map((host, index) => (
        <span key={index}>
          {index > 0 && ', '}
          <strong>{host}</strong>
        </span>
      ))}
    </>
  );
}

/** Counts up every `ms`. */
function useTicks(ms: number): number {
  const [ticks, setTicks] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTicks((count) => count + 1), ms);
    return () => clearInterval(timer);
  }, [ms]);
  return ticks;
}
