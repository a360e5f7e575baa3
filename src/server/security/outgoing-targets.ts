import { lookup as systemLookup, type LookupOptions } from 'node:dns';
import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { withTracingSuppressed } from '../../common/suppress-tracing.js';
import { parseUrl } from './loopback.js';
import { isPublicAddress } from './private-addresses.js';
import { TrustedProxies } from './trusted-proxies.js';

/** Largest body of a response that is read. */
const MAX_RESPONSE_BYTES = 256 * 1024;

/** A body to send, as JSON. */
export interface OutgoingRequest {
  readonly body: string;
  /** Besides `content-type`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Ends the request. */
  readonly signal?: AbortSignal;
}

export interface OutgoingResponse {
  readonly status: number;
  /** Undefined if it is longer than 256 kB. */
  readonly body: string | undefined;
}

/** A request without an answer. The message holds neither the path of the target nor a key. */
export class OutgoingError extends Error {
  override readonly name = 'OutgoingError';
}

/** An address of a name. Declared here, because declarations of the package must not need the types of Node.js. */
export interface ResolvedAddress {
  readonly address: string;
  /** 4 or 6. */
  readonly family: number;
}

export interface TargetOptions {
  /** Addresses and ranges to which names of targets may lead although they are not public, for instance `10.0.0.0/8`. */
  readonly privateRanges?: readonly string[] | undefined;
  /** Resolves names. Default: that of Node.js. */
  readonly lookup?: ((name: string, options: object) => Promise<readonly ResolvedAddress[]>) | undefined;
}

/** An address that the server may send to. Nothing but the start of the server makes one, so that nobody else can name an address. */
export interface OutgoingTarget {
  /** Host and port. Paths can hold secrets, so that they are never shown. */
  readonly host: string;
  readonly url: string;
  /**
   * Sends a request. Redirects are not followed: their status is returned.
   *
   * @throws OutgoingError
   */
  post(request: OutgoingRequest): Promise<OutgoingResponse>;
}

/**
 * Returns the target of a URL. An address in the URL itself is listed by that, as `localhost` lists the addresses of this machine. Any other name
 * has to lead to public addresses, or into `privateRanges`, whenever it is resolved.
 *
 * @throws TypeError that does not repeat the URL
 */
export function outgoingTarget(text: string, options: TargetOptions = {}): OutgoingTarget {
  const url = parseUrl(text);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new TypeError('A target must be a URL that begins with https:// or http://');
  if (url.username !== '' || url.password !== '')
    throw new TypeError(
      'A target must not hold a user name or password. Keys come from the environment alone',
    );
  const isSecure = url.protocol === 'https:';
  // A separate agent, so that neither a proxy of the environment nor a patched global agent sees the request.
  const agent = isSecure ? new HttpsAgent() : new HttpAgent();
  const lookup = guardedLookup(url.hostname, options);
  return {
    host: url.host,
    url: url.href,
    post: ({ body, headers, timeoutMs, signal }) =>
      withTracingSuppressed(() => {
        const sent = Buffer.from(body);
        const request = (isSecure ? requestHttps : requestHttp)(url, {
          method: 'POST',
          agent,
          lookup,
          signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
          headers: { 'content-type': 'application/json', ...headers, 'content-length': sent.length },
        });
        const answered = new Promise<OutgoingResponse>((resolve, reject) => {
          request.once('error', reject);
          request.once('response', (response) => void readResponse(response).then(resolve, reject));
        });
        request.end(sent);
        return answered.catch((error: unknown) => {
          throw toOutgoingError(error);
        });
      }),
  };
}

async function readResponse(response: IncomingMessage): Promise<OutgoingResponse> {
  const { statusCode: status = 0 } = response;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length <= MAX_RESPONSE_BYTES) continue;
    response.destroy();
    return { status, body: undefined };
  }
  return { status, body: Buffer.concat(chunks).toString('utf8') };
}

/** Returns a `lookup` for sockets that fails unless every address of the name may be reached: the checked addresses are those that are used. */
function guardedLookup(
  hostname: string,
  { privateRanges = [], lookup = resolve }: TargetOptions,
): LookupFunction {
  const listed = new TrustedProxies(privateRanges);
  const isLocal = /(?:^|\.)localhost$/i.test(hostname);
  const mayReach = (address: string): boolean =>
    isPublicAddress(address) ||
    listed.includes(address) ||
    (isLocal && /^(?:127\.|::1$)/.test(address) && isIP(address) !== 0);
  const find = async (name: string, options: LookupOptions): Promise<readonly ResolvedAddress[]> => {
    const addresses = await lookup(name, { ...options, all: true });
    if (addresses.length === 0) throw new OutgoingError('its name has no address');
    if (addresses.every(({ address }) => mayReach(address))) return addresses;
    throw new OutgoingError('its name leads to an address that is private and not listed');
  };
  const answer = async (...[name, options, done]: Parameters<LookupFunction>): Promise<void> => {
    try {
      const addresses = await find(name, options);
      const [{ address, family } = { address: '', family: 0 }] = addresses;
      if (options.all === true) done(null, [...addresses]);
      else done(null, address, family);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)), []);
    }
  };
  return (...lookedUp) => void answer(...lookedUp);
}

function resolve(name: string, options: object): Promise<readonly ResolvedAddress[]> {
  return new Promise((done, fail) => {
    systemLookup(name, { ...options, all: true }, (error, addresses) =>
      error ? fail(error) : done(addresses),
    );
  });
}

/** Messages of Node.js hold addresses, so that only the code is taken. */
function toOutgoingError(error: unknown): OutgoingError {
  if (error instanceof OutgoingError) return error;
  if (error instanceof Error && /^(?:Abort|Timeout)Error$/.test(error.name))
    return new OutgoingError('no answer in time');
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
  return new OutgoingError(code);
}
