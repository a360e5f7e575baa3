import { environmentVariable, type Environment } from '../common/options/environment.js';
import { openOutgoing, type OutgoingOptions } from '../server/http/outgoing/outgoing.js';
import { CommandError } from './command-error.js';

/** Environment variables of `dev` and `serve` for what the server sends by itself. Secrets have no option. */
export const OUTGOING_VARIABLES = {
  webhooks: 'TRUBRICS_WEBHOOKS',
  webhookSecret: 'TRUBRICS_WEBHOOK_SECRET',
  privateTargets: 'TRUBRICS_PRIVATE_TARGETS',
} as const;

/** Values of the options on the command line. */
export interface GivenOutgoing {
  readonly webhooks?: readonly string[] | undefined;
  readonly privateTargets?: readonly string[] | undefined;
}

/**
 * Returns where the server may send requests to.
 *
 * @throws CommandError that repeats neither an address nor a secret
 */
export function readOutgoing(given: GivenOutgoing, environment: Environment): OutgoingOptions {
  const variable = (name: keyof typeof OUTGOING_VARIABLES): string | undefined =>
    environmentVariable(OUTGOING_VARIABLES[name], environment);
  const listOf = (name: keyof GivenOutgoing): readonly string[] | undefined => {
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
  };
  try {
    openOutgoing(options);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError(error.message.replace(/^Option "webhooks\[\d+\]"/, '--webhook'), 2);
  }
  return options;
}
