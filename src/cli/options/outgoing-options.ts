import { environmentVariable, type Environment } from '../../common/options/environment.js';
import { openOutgoing, type OutgoingOptions } from '../../server/http/outgoing/outgoing.js';
import { CommandError } from '../command-error.js';
import type { Arguments, ArgumentSpec } from './read-arguments.js';

/** Options of `dev` and `serve` for what the server sends by itself. */
export const OUTGOING_ARGUMENTS = {
  webhook: { type: 'string', multiple: true, env: 'TRUBRICS_WEBHOOKS' },
  'private-target': { type: 'string', multiple: true, env: 'TRUBRICS_PRIVATE_TARGETS' },
  'label-with': { type: 'string', env: 'TRUBRICS_LABEL_WITH' },
  'label-model': { type: 'string', env: 'TRUBRICS_LABEL_MODEL' },
  'label-rate': { type: 'string', env: 'TRUBRICS_LABEL_RATE' },
} as const satisfies Readonly<Record<string, ArgumentSpec>>;

/** Secrets beside them, which are read from the environment alone. */
export const OUTGOING_SECRETS = {
  webhookSecret: 'TRUBRICS_WEBHOOK_SECRET',
  labelKey: 'TRUBRICS_LABEL_KEY',
} as const;

/**
 * Returns where the server may send requests to.
 *
 * @throws CommandError that repeats neither an address nor a secret
 */
export function readOutgoing(given: Arguments, environment: Environment): OutgoingOptions {
  const secret = (name: keyof typeof OUTGOING_SECRETS): string | undefined =>
    environmentVariable(OUTGOING_SECRETS[name], environment);
  const webhooks = readUrls(given.list('webhook'));
  const privateTargets = given.list('private-target');
  const webhookSecret = secret('webhookSecret');
  const options = {
    ...(webhooks.length > 0 && { webhooks }),
    ...(webhooks.length > 0 && webhookSecret !== undefined && { webhookSecret }),
    ...(privateTargets.length > 0 && { privateTargets }),
    ...readLabels(given, secret('labelKey')),
  };
  try {
    openOutgoing(options);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const message = error.message
      .replace(/^Option "webhooks\[\d+\]"/, '--webhook')
      .replace(/^Option "labels.url"/, '--label-with');
    throw new CommandError(message, 2);
  }
  return options;
}

/** Joins what was divided at a comma in a URL. */
function readUrls(parts: readonly string[]): readonly string[] {
  return parts.length === 0 ? [] : parts.join(',').split(/,(?=https?:)/);
}

/** @throws CommandError */
function readLabels(given: Arguments, apiKey: string | undefined): Pick<OutgoingOptions, 'labels'> {
  const [url, model, rate] = [given.text('label-with'), given.text('label-model'), given.text('label-rate')];
  if (url === undefined && model === undefined) return {};
  if (url === undefined || model === undefined)
    throw new CommandError('--label-with URL and --label-model NAME need each other', 2);
  if (rate !== undefined && !/^[1-9]\d{0,5}$/.test(rate))
    throw new CommandError(`--label-rate must be a whole number from 1 on, not "${rate.slice(0, 40)}"`, 2);
  return {
    labels: {
      url,
      model,
      ...(apiKey !== undefined && { apiKey }),
      ...(rate !== undefined && { perMinute: Number(rate) }),
    },
  };
}
