import type { LabelServiceOptions } from '../../insights/labels/label-service.js';
import { outgoingTarget, type OutgoingTarget } from '../../security/outgoing-targets.js';

const DEFAULT_LABELS_PER_MINUTE = 60;

/** Targets that the server may send requests to. Each list is closed: neither a request nor a document can add to it. */
export interface OutgoingOptions {
  /**
   * URLs that are told when the state of an alert changes: see `docs/alerts.md`. Their paths are never shown. Default: nobody is told.
   */
  readonly webhooks?: readonly string[] | undefined;
  /** Signs what webhooks get, by HMAC-SHA256. Default: no signature. */
  readonly webhookSecret?: string | undefined;
  /**
   * Labels prompts with intent, sentiment and outcome: see `docs/topics.md`. Default: no text is sent anywhere.
   */
  readonly labels?: LabelOptions | undefined;
  /**
   * Addresses and ranges, for instance `10.0.0.0/8`, to which the names of targets may lead although they are private. An address in a URL itself,
   * and `localhost`, need no entry. Default: none.
   */
  readonly privateTargets?: readonly string[] | undefined;
}

/** A language model that labels prompts. */
export interface LabelOptions {
  /** Address of a service that is compatible with OpenAI, for instance `http://127.0.0.1:11434/v1`. Texts are sent to it. */
  readonly url: string;
  /** Name of a model of that service. */
  readonly model: string;
  /** Key of the service. Default: none is sent. */
  readonly apiKey?: string | undefined;
  /** Most requests in a minute, for each project. Default 60. */
  readonly perMinute?: number | undefined;
}

/** Services that the options ask for, shared by all projects of a server. */
export interface Outgoing {
  readonly webhooks: readonly OutgoingTarget[];
  readonly webhookSecret: string | undefined;
  readonly labels: LabelServiceOptions | undefined;
}

/** @throws TypeError that names the option, and repeats neither an address nor a secret */
export function openOutgoing({
  webhooks = [],
  webhookSecret,
  privateTargets,
  labels,
}: OutgoingOptions): Outgoing {
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
  return {
    webhooks: [...targets.values()],
    webhookSecret,
    labels: labels && openLabels(labels, privateTargets),
  };
}

function openLabels(
  { url, model, apiKey, perMinute = DEFAULT_LABELS_PER_MINUTE }: LabelOptions,
  privateRanges: readonly string[] | undefined,
): LabelServiceOptions {
  if (typeof url !== 'string') throw new TypeError('Option "labels.url" must be a URL.');
  if (typeof model !== 'string' || model.trim() === '')
    throw new TypeError('Option "labels.model" must be the name of a model.');
  if (!Number.isSafeInteger(perMinute) || perMinute < 1)
    throw new TypeError('Option "labels.perMinute" must be a whole number above 0.');
  const base = url.replace(/\/+$/, '').replace(/\/chat\/completions$/, '');
  const target = named('labels.url', () => outgoingTarget(`${base}/chat/completions`, { privateRanges }));
  return { target, model, apiKey, perMinute };
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
