import { defineOptions, notAccepted, type OptionTable } from '../../common/options/define-options.js';
import { MissingOptionError } from '../../common/options/missing-option-error.js';
import { flag, trubricsVariable } from '../../common/options/option-kinds.js';
import { parseUrl } from '../../common/web/parse-url.js';

/** Address of the ingestion API and key for it. */
export interface IngestionTarget {
  /** API key of the project. Not needed for a host on this machine. Environment: `TRUBRICS_API_KEY`. */
  readonly apiKey?: string | undefined;
  /**
   * Base URL of the API; `/publish_llm_events` and `/publish_events` are appended, as in the official SDKs. Environment:
   * `TRUBRICS_HOST`. There is no default.
   */
  readonly host?: string | undefined;
  /** Permits `http:` to a host that is not this machine: key and content travel unencrypted. Default: false. */
  readonly allowInsecure?: boolean | undefined;
}

/**
 * `host` of the hosted Trubrics, as in the official SDKs. Not the default, because the service could not be reached when this package
 * was written, and its domain may have been given up: whoever registers the domain would receive prompts. Check that it answers, and
 * to whom it belongs, before you use it.
 *
 * ```ts
 * new TrubricsSpanProcessor({ host: TRUBRICS_CLOUD, apiKey: '…' });
 * ```
 */
export const TRUBRICS_CLOUD = 'https://app.trubrics.com/api/ingestion';

/** Key that is sent to a host on this machine without `apiKey`: the local Trubrics accepts any, but needs the header. */
const LOCAL_API_KEY = 'local';

const HOST_ACCEPTED = 'an http(s) URL, for instance "http://127.0.0.1:8782/api/ingestion"';
const LOCAL_SERVER =
  'run "npx opentelemetry-exporter-trubrics dev" and set host (TRUBRICS_HOST) to the address that it prints.';
const KEY_ACCEPTED = 'a string of visible ASCII characters';

export const INGESTION_TARGET_OPTIONS = {
  apiKey: {
    env: trubricsVariable,
    secret: true,
    accepts: KEY_ACCEPTED,
    // An empty key counts as missing, which is an error unless the host is on this machine.
    check: (value: unknown) => typeof value === 'string' && /^[\x21-\x7e]*$/.test(value.trim()),
    advice: 'Copy it again from the settings of the project.',
  },
  host: {
    env: trubricsVariable,
    accepts: HOST_ACCEPTED,
    check: (value: unknown) => typeof value === 'string',
  },
  allowInsecure: { default: false, ...flag },
} as const satisfies OptionTable<IngestionTarget>;

const resolveTarget = defineOptions<IngestionTarget, typeof INGESTION_TARGET_OPTIONS>(
  INGESTION_TARGET_OPTIONS,
);

/**
 * Returns the host without a trailing slash, and the key without surrounding white space. What is not given comes from the
 * environment. An empty key counts as missing.
 *
 * @throws TypeError that says what to do, and never contains the key. A MissingOptionError if there is no host, or if the host needs a
 *   key and there is none.
 */
export function checkIngestionTarget(target: IngestionTarget): {
  readonly host: string;
  readonly apiKey: string;
} {
  const { host, apiKey, allowInsecure } = resolveTarget(target);
  if (host === undefined) {
    throw new MissingOptionError(
      `Option "host" is missing. For a local server, ${LOCAL_SERVER} For the hosted service, set host: TRUBRICS_CLOUD, which this ` +
        'package exports, and apiKey (TRUBRICS_API_KEY).',
    );
  }
  const url = parseHost(host);
  if (url.protocol === 'http:' && !isLoopback(url) && !allowInsecure) {
    throw notAccepted(
      'Option "host"',
      'an https URL (plain http is for this machine alone)',
      `"${url.origin}"`,
      'Over plain http, key and texts travel unencrypted. In a trusted network, set allowInsecure: true (TRUBRICS_ALLOW_INSECURE=true).',
    );
  }
  return { host: url.origin + url.pathname.replace(/\/+$/, ''), apiKey: apiKey?.trim() || localKey(url) };
}

/** Returns true if a URL leads to this machine: `localhost`, 127.0.0.0/8, [::1]. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function parseHost(host: string): URL {
  const url = parseUrl(host);
  if (url?.username || url?.password)
    throw wrongHost('a URL with user name or password', 'Give the key as apiKey.');
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw wrongHost(showHost(host), 'Does it lack "http://" in front?');
  if (url.search || url.hash)
    throw wrongHost('a URL with "?" or "#"', 'The name of the endpoint is appended to it.');
  return url;
}

function wrongHost(given: string, advice: string): TypeError {
  return notAccepted('Option "host"', HOST_ACCEPTED, given, advice);
}

/** Does not show a string that is unlike a URL: it could be a secret in the wrong place. */
function showHost(host: string): string {
  return host.length <= 100 && /[.:]/.test(host) && !host.includes('@')
    ? `"${host}"`
    : `a string of ${host.length} characters`;
}

function localKey(url: URL): string {
  if (isLoopback(url)) return LOCAL_API_KEY;
  throw new MissingOptionError(
    `Option "apiKey" is missing: ${url.origin} requires a key. Set apiKey (TRUBRICS_API_KEY). Without an account, ${LOCAL_SERVER}`,
  );
}
