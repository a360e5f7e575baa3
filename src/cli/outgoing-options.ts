import { environmentVariable, type Environment } from '../common/options/environment.js';
import { openOutgoing, type OutgoingOptions } from '../server/http/outgoing/outgoing.js';
import { CommandError } from './command-error.js';

/** Environment variables of `dev` and `serve` for what the server sends by itself. Secrets have no option. */
export const OUTGOING_VARIABLES = {
  webhooks: 'TRUBRICS_WEBHOOKS',
  webhookSecret: 'TRUBRICS_WEBHOOK_SECRET',
  privateTargets: 'TRUBRICS_PRIVATE_TARGETS',
  labelWith: 'TRUBRICS_LABEL_WITH',
  labelModel: 'TRUBRICS_LABEL_MODEL',
  labelRate: 'TRUBRICS_LABEL_RATE',
  labelKey: 'TRUBRICS_LABEL_KEY',
} as const;

/** Values of the options on the command line. */
export interface GivenOutgoing {
  readonly webhooks?: readonly string[] | undefined;
  readonly privateTargets?: readonly string[] | undefined;
  readonly labelWith?: string | undefined;
  readonly labelModel?: string | undefined;
  readonly labelRate?: string | undefined;
}

/**
 * Returns where the server may send requests to.
 *
 * @throws CommandError that repeats neither an address nor a secret
 */
export function readOutgoing(given: GivenOutgoing, environment: Environment): OutgoingOptions {
  const variable = (name: keyof typeof OUTGOING_VARIABLES): string | undefined =>
    environmentVariable(OUTGOING_VARIABLES[name], environment);
  const listOf = (name: 'webhooks' | 'privateTargets'): readonly string[] | undefined => {
    const values = given[name];
    const list = (values?.length ? values.join(',') : variable(name))
      // A URL may have a comma in it.
      ?.split(name === 'webhooks' ? /,(?=\s*https?:)/ : ',')
      .map((value) => value.trim())
      .filter((value) => value !== '');
    return list?.length ? list : undefined;
  };
  const [webhooks, privateTargets] = [listOf('webhooks'), listOf('privateTargets')];
  const webhookSecret = variable('webhookSecret');
  const options = {
    ...(webhooks && { webhooks }),
    ...(webhooks && webhookSecret !== undefined && { webhookSecret }),
    ...(privateTargets && { privateTargets }),
    ...readLabels(
      given.labelWith ?? variable('labelWith'),
      given.labelModel ?? variable('labelModel'),
      given.labelRate ?? variable('labelRate'),
      variable('labelKey'),
    ),
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

/** @throws CommandError */
function readLabels(
  url: string | undefined,
  model: string | undefined,
  rate: string | undefined,
  apiKey: string | undefined,
): Pick<OutgoingOptions, 'labels'> {
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
