import { outgoingTarget, type OutgoingTarget } from '../../security/outgoing-targets.js';

/** Where the server may send requests to. Each list is closed: neither a request nor a document can add to it. */
export interface OutgoingOptions {
  /**
   * URLs that are told when the state of an alert changes: see `docs/alerts.md`. Their paths are never shown. Default: nobody is told.
   */
  readonly webhooks?: readonly string[] | undefined;
  /** Signs what webhooks get, by HMAC-SHA256. Default: no signature. */
  readonly webhookSecret?: string | undefined;
  /**
   * Addresses and ranges, for instance `10.0.0.0/8`, to which the names of targets may lead although they are private. An address in a URL itself,
   * and `localhost`, need no entry. Default: none.
   */
  readonly privateTargets?: readonly string[] | undefined;
}

/** What the options come to: shared by all projects of a server. */
export interface Outgoing {
  readonly webhooks: readonly OutgoingTarget[];
  readonly webhookSecret: string | undefined;
}

/** @throws TypeError that names the option, and repeats neither an address nor a secret */
export function openOutgoing({ webhooks = [], webhookSecret, privateTargets }: OutgoingOptions): Outgoing {
  if (webhookSecret !== undefined && webhooks.length === 0)
    throw new TypeError('Option "webhookSecret" needs webhooks, whose messages it signs.');
  const targets = new Map(
    webhooks.map((url, index) => {
      const target = named(`webhooks[${index}]`, () =>
        outgoingTarget(url, { privateRanges: privateTargets }),
      );
      return [target.url, target];
    }),
  );
  return { webhooks: [...targets.values()], webhookSecret };
}

function named<T>(option: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError)
      throw new TypeError(`Option "${option}": ${error.message}.`, { cause: error });
    throw error;
  }
}
