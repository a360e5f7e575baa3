import { defineOptions, type OptionTable } from '../../common/options/define-options.js';
import { callback, text } from '../../common/options/option-kinds.js';
import type { DestinationResponse, Batch, Destination } from '../destination.js';
import type { FetchLike } from '../http/fetch.js';
import { isLoopback } from '../ingestion/ingestion-target.js';
import { feedbackDocument, promptDocument, type PlatformDocument } from './documents.js';
import { PlatformRefusal } from './http.js';
import { PlatformProject, throwUnlessOk } from './project.js';
import { FirebaseSession } from './session.js';

export interface TrubricsPlatformOptions {
  /** Of the account. Environment: `TRUBRICS_EMAIL`. */
  readonly email?: string;
  /** Of the account. Environment: `TRUBRICS_PASSWORD`. */
  readonly password?: string;
  /** The project of the account's organisation that gets the prompts. Environment: `TRUBRICS_PROJECT`. Default `"default"`. */
  readonly project?: string;
  /** The web key of the platform's Firebase project. Environment: `TRUBRICS_FIREBASE_API_KEY`. */
  readonly firebaseApiKey?: string;
  /** Default `"trubrics-streamlit"`. */
  readonly firebaseProjectId?: string;
  /** Other addresses of the services, for an emulator; plain http for this machine only. */
  readonly endpoints?: { readonly identity?: string; readonly token?: string; readonly firestore?: string };
  /** Replaces the global `fetch`, for instance to go through a proxy. */
  readonly fetch?: FetchLike;
}

/** The platform as a destination. */
export interface TrubricsPlatform extends Destination {
  /**
   * Signs in and looks the project up now, rather than with the first batch.
   *
   * @throws Error that says what is wrong: the password, or the project, with those that there are.
   */
  connect(): Promise<void>;
}

type Endpoints = NonNullable<TrubricsPlatformOptions['endpoints']>;

const url = {
  accepts: 'an https URL, or an http URL of this machine',
  check: (value: unknown) => typeof value === 'string' && isEndpoint(value),
} as const;

const ENDPOINTS = {
  identity: { default: 'https://identitytoolkit.googleapis.com', ...url },
  token: { default: 'https://securetoken.googleapis.com', ...url },
  firestore: { default: 'https://firestore.googleapis.com', ...url },
} as const satisfies OptionTable<Endpoints>;

const OPTIONS = {
  email: { env: 'TRUBRICS_EMAIL', required: true, ...text },
  password: { env: 'TRUBRICS_PASSWORD', required: true, secret: true, ...text },
  project: { env: 'TRUBRICS_PROJECT', default: 'default', ...text },
  firebaseApiKey: {
    env: 'TRUBRICS_FIREBASE_API_KEY',
    required: true,
    secret: true,
    ...text,
    advice:
      'Upstream publishes it in the repository trubrics/trubrics-sdk, in trubrics/platform/config.py before commit b957bed; ' +
      'this package does not ship it.',
  },
  firebaseProjectId: { default: 'trubrics-streamlit', ...text },
  // Its own table checks it.
  endpoints: { accepts: 'an object', check: () => true },
  fetch: callback,
} as const satisfies OptionTable<TrubricsPlatformOptions>;

const resolveEndpoints = defineOptions<Endpoints, typeof ENDPOINTS>(ENDPOINTS, 'endpoints');
const resolveOptions = defineOptions<TrubricsPlatformOptions, typeof OPTIONS>(OPTIONS);

/** One request a document; what is saved of a failed batch is recognised when it comes again. */
const LIMITS = { maxItems: 20, maxBytes: 900_000 };
const AT_ONCE = 5;
const CONNECT_TIMEOUT_MS = 30_000;

/**
 * The first Trubrics platform, which the LangChain guide for Python describes: an account with email and password, prompts in
 * a project. It was given up upstream in 2025; {@link trubricsIngestion} is the service that followed.
 *
 * Signing in and looking up the project happen with the first batch. A wrong password or an unknown project parks the queue and
 * is told in `stats()` and `diag`, with the projects that there are; `connect()` asks at once. Events named "Feedback", which
 * `TrubricsClient.trackFeedback()` makes, go to their feedback component; the platform takes no other events.
 *
 * ```ts
 * new TrubricsSpanProcessor({ destination: trubricsPlatform({ email, password, firebaseApiKey, project: 'my-app' }) });
 * ```
 *
 * @throws TypeError when an option is wrong or missing.
 */
export function trubricsPlatform(options: TrubricsPlatformOptions = {}): TrubricsPlatform {
  const { endpoints = {}, project, firebaseProjectId, fetch, ...account } = resolveOptions(options);
  const { identity, token, firestore } = resolveEndpoints(endpoints);
  const firestoreUrl = baseOf(firestore);
  const session = new FirebaseSession({
    ...account,
    identityUrl: baseOf(identity),
    tokenUrl: baseOf(token),
    fetch,
  });
  const target = new PlatformProject({ project, firebaseProjectId, firestoreUrl, fetch }, session);

  return {
    name: `trubrics-platform:${project}`,
    url: firestoreUrl,
    limits: LIMITS,
    encode(entry) {
      const document = entry.kind === 'prompt' ? promptDocument(entry.record) : feedbackDocument(entry.event);
      return document && JSON.stringify(document);
    },
    async send({ items }: Batch, { signal }): Promise<DestinationResponse> {
      try {
        return await saveAll(target, items, signal);
      } catch (error) {
        if (error instanceof PlatformRefusal) return error.answer;
        throw error;
      }
    },
    async connect() {
      await target.url(AbortSignal.timeout(CONNECT_TIMEOUT_MS));
    },
  };
}

async function saveAll(
  target: PlatformProject,
  items: readonly string[],
  signal: AbortSignal,
): Promise<DestinationResponse> {
  await target.url(signal);
  const rejected: number[] = [];
  let reason = '';
  for (let start = 0; start < items.length; start += AT_ONCE) {
    const refusals = await Promise.all(
      items.slice(start, start + AT_ONCE).map((item) => save(target, item, signal)),
    );
    for (const [offset, refusal] of refusals.entries()) {
      if (refusal === undefined) continue;
      rejected.push(start + offset);
      reason = refusal;
    }
  }
  return rejected.length > 0 ? { status: 422, rejected, reason } : { status: 200 };
}

/** Why the document was refused for good, `undefined` when it is saved. */
async function save(target: PlatformProject, item: string, signal: AbortSignal): Promise<string | undefined> {
  const { component, id, fields } = JSON.parse(item) as PlatformDocument;
  try {
    if (component !== undefined) await target.checkComponent(component, signal);
  } catch (error) {
    if (error instanceof PlatformRefusal && error.answer.status === 422) return error.message;
    throw error;
  }
  const collection =
    component === undefined ? 'prompts' : `feedback/${encodeURIComponent(component)}/responses`;
  const url = `${await target.url(signal)}/${collection}?documentId=${encodeURIComponent(id)}`;
  const response = await target.call('POST', url, JSON.stringify({ fields }), signal);
  // An earlier attempt whose answer got lost.
  if (response.code === 'ALREADY_EXISTS') return undefined;
  if (response.status === 400 || response.status === 413) return response.code ?? `HTTP ${response.status}`;
  throwUnlessOk(response, 'a document was refused');
  return undefined;
}

function isEndpoint(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const endpoint = new URL(value);
  return endpoint.protocol === 'https:' || (endpoint.protocol === 'http:' && isLoopback(endpoint));
}

/** Returns the URL without query and trailing slashes. */
function baseOf(endpoint: string): string {
  const { origin, pathname } = new URL(endpoint);
  return origin + pathname.replace(/\/+$/, '');
}
