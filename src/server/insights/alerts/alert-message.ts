import { createHmac } from 'node:crypto';
import { subjectText, thresholdText, readingText } from './alert-texts.js';
import type { AlertRule } from './alert-rule.js';
import type { AlertChange, AlertCondition, AlertEntry } from './alert-state.js';

/** A change, as a webhook is told it. */
export interface AlertMessageChange {
  /** Value of the dimension; null: all records together. */
  readonly group: string | null;
  readonly from: AlertCondition;
  readonly to: AlertCondition;
  readonly value: number | null;
  readonly n: number | null;
}

/** Body of a request to a webhook. The names `type`, `timestamp` and `data` are those of Standard Webhooks. */
export interface AlertMessage {
  readonly type: 'alert.changed';
  /** Time of the change, ISO 8601. */
  readonly timestamp: string;
  /** The changes as sentences, which chat tools show. */
  readonly text: string;
  readonly data: {
    /** Project, on a server for teams. */
    readonly project?: string;
    readonly rule: string;
    readonly title: string;
    readonly measure: string;
    readonly by: string | null;
    readonly filters: string;
    readonly window: string;
    readonly above: number | null;
    readonly below: number | null;
    readonly changes: readonly AlertMessageChange[];
    /** Further changes that are not listed. */
    readonly more: number;
  };
}

export function toMessage(rule: AlertRule, entry: AlertEntry, project: string | undefined): AlertMessage {
  const { threshold } = rule;
  return {
    type: 'alert.changed',
    timestamp: entry.at,
    text: textOf(rule, entry),
    data: {
      ...(project !== undefined && { project }),
      rule: rule.name,
      title: rule.title,
      measure: rule.measureName,
      by: rule.byName ?? null,
      filters: rule.filters,
      window: rule.window,
      above: 'above' in threshold ? threshold.above : null,
      below: 'below' in threshold ? threshold.below : null,
      changes: entry.changes.map(toMessageChange),
      more: entry.more,
    },
  };
}

function toMessageChange({ user, group, to, value, n }: AlertChange): AlertMessageChange {
  return { group: user ?? group ?? null, from: to === 'ok' ? 'alerting' : 'ok', to, value, n };
}

function textOf(rule: AlertRule, { changes, more }: AlertEntry): string {
  const lines = changes.map((change) => {
    const value = change.isTooLittle === true ? 'too little to say' : readingText(rule.measureName, change);
    const about = subjectText(change);
    return `${change.to === 'ok' ? 'OK' : 'ALERTING'}: ${about === '' ? '' : `${about}: `}${value}`;
  });
  return [
    `${rule.title} (${thresholdText(rule)})`,
    ...lines,
    ...(more > 0 ? [`and ${more} further changes`] : []),
  ].join('\n');
}

/** Headers of Standard Webhooks: the id stays the same when a message is sent again; the signature is there if there is a secret. */
export function messageHeaders(
  id: string,
  body: string,
  secret: string | undefined,
  now: number,
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(secret !== undefined && { 'webhook-signature': signature(`${id}.${timestamp}.${body}`, secret) }),
  };
}

/** A secret that begins with `whsec_` is base64, as Standard Webhooks has it; any other is a text. */
function signature(signed: string, secret: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}
