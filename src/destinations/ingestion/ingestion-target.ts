/** Where the ingestion API is, and who asks. */
export interface IngestionTarget {
  /** The project's key. Not needed for a host on this machine. Environment: `TRUBRICS_API_KEY`. */
  readonly apiKey?: string;
  /**
   * The base that replaces `https://app.trubrics.com/api/ingestion`, as in the official SDKs; `/publish_llm_events` and
   * `/publish_events` are appended. Environment: `TRUBRICS_HOST`.
   */
  readonly host?: string;
  /** Sends the key and the content unencrypted to a host that is not this machine. Default `false`. */
  readonly allowInsecure?: boolean;
}

export const DEFAULT_INGESTION_HOST = 'https://app.trubrics.com/api/ingestion';

/** The local Trubrics asks for no key, yet the API wants the header. */
const LOCAL_API_KEY = 'local';

/**
 * Completes and checks the target: the host comes back without a trailing slash, the key without surrounding white space.
 * An empty key counts as none.
 *
 * @throws TypeError that says what to do, and never contains the key.
 */
export function checkIngestionTarget(target: IngestionTarget): {
  readonly host: string;
  readonly apiKey: string;
} {
  const url = parseHost(target.host ?? DEFAULT_INGESTION_HOST);
  if (target.allowInsecure !== undefined && typeof target.allowInsecure !== 'boolean') {
    throw new TypeError(`allowInsecure: ${typeof target.allowInsecure} given, true or false accepted.`);
  }
  if (url.protocol === 'http:' && !isLoopback(url) && target.allowInsecure !== true) {
    throw new TypeError(
      `host: "${url.origin}" given, but plain http is accepted for this machine only: the key and what people write ` +
        'would travel unencrypted. Use https, or set allowInsecure: true if the network is trusted.',
    );
  }
  const host = url.origin + url.pathname.replace(/\/+$/, '');
  return { host, apiKey: checkKey(target.apiKey) ?? localKey(url) };
}

/** Whether a URL leads to this machine: `localhost`, 127.0.0.0/8, [::1]. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function parseHost(host: unknown): URL {
  const accepted = `an http(s) URL accepted, for instance "${DEFAULT_INGESTION_HOST}".`;
  if (typeof host !== 'string') throw new TypeError(`host: ${typeof host} given, ${accepted}`);
  let url: URL;
  try {
    url = new URL(host);
  } catch {
    throw new TypeError(`host: ${quote(host)} given, ${accepted} Does it lack "https://" in front?`);
  }
  if (url.username || url.password) {
    throw new TypeError(
      `host: a URL with user name or password given, ${accepted} The key belongs into apiKey.`,
    );
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new TypeError(`host: ${quote(host)} given, ${accepted} Does it lack "https://" in front?`);
  }
  if (url.search || url.hash) {
    throw new TypeError(
      `host: a URL with "?" or "#" given, ${accepted} The name of the endpoint is appended to it.`,
    );
  }
  return url;
}

/** Something that is no URL could be a secret in the wrong place: then it had better not be repeated. */
function quote(host: string): string {
  return host.length <= 100 && /[.:]/.test(host) && !host.includes('@')
    ? `"${host}"`
    : `text of ${host.length} characters`;
}

function checkKey(apiKey: unknown): string | undefined {
  if (apiKey === undefined) return undefined;
  if (typeof apiKey !== 'string') throw new TypeError(`apiKey: ${typeof apiKey} given, text accepted.`);
  const key = apiKey.trim();
  if (!/^[\x21-\x7e]*$/.test(key)) {
    throw new TypeError(
      `apiKey: text of ${key.length} characters given, with some that an HTTP header cannot carry; visible ASCII ` +
        'characters accepted. Copy it again from the settings page of the project.',
    );
  }
  return key === '' ? undefined : key;
}

function localKey(url: URL): string {
  if (isLoopback(url)) return LOCAL_API_KEY;
  throw new TypeError(
    `apiKey: none given, but ${url.origin} requires one. Set the option apiKey or the environment variable ` +
      'TRUBRICS_API_KEY. Without an account, run "npx opentelemetry-exporter-trubrics dev" and set the option host or ' +
      'the environment variable TRUBRICS_HOST to the address that it prints.',
  );
}
