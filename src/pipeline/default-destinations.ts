import type { ResolvedOptions } from '../config/options.js';
import type { Destination } from '../destinations/destination.js';
import { trubricsIngestion } from '../destinations/ingestion/ingestion.js';
import { trubricsPlatform } from '../destinations/platform/platform.js';

/**
 * Returns the destinations of the options: those of `destination`, else the Trubrics service that the credentials belong to.
 *
 * @throws TypeError if there is no destination: neither `destination` nor `host` nor an account; or no key for a `host` that is not
 *   loopback.
 */
export function createDestinations(options: ResolvedOptions): readonly Destination[] {
  if (options.destination !== undefined) return [options.destination].flat();
  // An account of the first platform. A key or a host belongs to the ingestion API, which came later.
  if (options.email !== undefined && options.apiKey === undefined && options.host === undefined) {
    return [trubricsPlatform(pick(options, ['email', 'password', 'firebaseApiKey', 'project', 'fetch']))];
  }
  const names = ['apiKey', 'host', 'allowInsecure', 'project', 'fetch'] as const;
  return [trubricsIngestion(pick(options, [...names, 'promptEventName', 'generationEventName']))];
}

/** Copies the named options that are given. */
function pick<T extends object, K extends keyof T>(options: T, names: readonly K[]): Pick<T, K> {
  const picked: Partial<T> = {};
  for (const name of names) if (Object.hasOwn(options, name)) picked[name] = options[name];
  return picked as Pick<T, K>;
}
