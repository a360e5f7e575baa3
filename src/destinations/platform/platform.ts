import { parseUrl } from '../../common/web/parse-url.js';
import { defineOptions, type OptionTable } from '../../common/options/define-options.js';
import { missingOption } from '../../common/options/missing-option-error.js';
import { callback, text, trubricsVariable } from '../../common/options/option-kinds.js';
import { accountIdOf } from '../account-id.js';
import type { DestinationResponse, Batch, Destination } from '../destination.js';
import type { FetchLike } from '../http/fetch.js';
import { isLoopback } from '../ingestion/ingestion-target.js';
import { PlatformConnection } from './connection.js';
import { feedbackDocument, promptDocument } from './documents.js';

/** Options of {@link trubricsPlatform}. */
export interface TrubricsPlatformOptions {
  /** Email of the account. Required. Environment: `TRUBRICS_EMAIL`. */
  readonly email?: string | undefined;
  /** Password of the account. Required. Environment: `TRUBRICS_PASSWORD`. */
  readonly password?: string | undefined;
  /** Project of the account's organisation. Environment: `TRUBRICS_PROJECT`. Default: `"default"`. */
  readonly project?: string | undefined;
  /** Web key of the platform's Firebase project. Required. Environment: `TRUBRICS_FIREBASE_API_KEY`. */
  readonly firebaseApiKey?: string | undefined;
  /** Id of the platform's Firebase project. Default: `"trubrics-streamlit"`. */
  readonly firebaseProjectId?: string | undefined;
  /** Addresses of the services, for an emulator. `http:` is accepted for this machine alone. Default: those of Google. */
  readonly endpoints?:
    { readonly identity?: string; readonly token?: string; readonly firestore?: string } | undefined;
  /** The `fetch` to send with, for instance through a proxy. Default: the global one. */
  readonly fetch?: FetchLike | undefined;
}

/** Destination for the first Trubrics platform. */
export interface TrubricsPlatform extends Destination {
  /**
   * Signs in and looks up the project now, not with the first batch.
   *
   * @throws Error that names the cause: the account, or the project, with the names of the existing ones.
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
  email: { env: trubricsVariable, required: missingOption, ...text },
  password: { env: trubricsVariable, required: missingOption, secret: true, ...text },
  project: { env: trubricsVariable, default: 'default', ...text },
  firebaseApiKey: {
    env: trubricsVariable,
    required: missingOption,
    secret: true,
    ...text,
    advice:
      'It is in trubrics/platform/config.py of github.com/trubrics/trubrics-sdk, before commit b957bed.',
  },
  firebaseProjectId: { default: 'trubrics-streamlit', ...text },
  // The table ENDPOINTS checks its members.
  endpoints: { accepts: 'an object', check: () => true },
  fetch: callback,
} as const satisfies OptionTable<TrubricsPlatformOptions>;

const resolveEndpoints = defineOptions<Endpoints, typeof ENDPOINTS>(ENDPOINTS, 'endpoints');
const resolveOptions = defineOptions<TrubricsPlatformOptions, typeof OPTIONS>(OPTIONS);

/** Small, because every document is a request of its own. */
const LIMITS = { maxItems: 20, maxBytes: 900_000 };
const CONNECT_TIMEOUT_MS = 30_000;

/**
 * Returns a destination for the first Trubrics platform, which the LangChain guide for Python describes: an account with email and
 * password, and prompts in a project. Upstream gave it up in 2025; {@link trubricsIngestion} is for the service that followed.
 *
 * It signs in and looks up the project with the first batch. After a wrong password or an unknown project, `stats()` has the state
 * `unauthorized`, and the log names the existing projects; `connect()` checks at once. Events named `Feedback`, which
 * `trackFeedback()` makes, go to their feedback component. Other events are dropped as `unsupported`.
 *
 * ```ts
 * new TrubricsSpanProcessor({ destination: trubricsPlatform({ email, password, firebaseApiKey, project: 'my-app' }) });
 * ```
 *
 * @throws TypeError if an option is unknown, wrong or missing.
 */
export function trubricsPlatform(options: TrubricsPlatformOptions = {}): TrubricsPlatform {
  const { endpoints = {}, project, firebaseProjectId, fetch, ...account } = resolveOptions(options);
  const { identity, token, firestore } = resolveEndpoints(endpoints);
  const firestoreUrl = baseOf(firestore);
  const urls = { identityUrl: baseOf(identity), tokenUrl: baseOf(token), firestoreUrl };
  const connection = new PlatformConnection({ ...account, ...urls, project, firebaseProjectId, fetch });

  return {
    name: `trubrics-platform:${project}`,
    url: firestoreUrl,
    accountId: accountIdOf(account.email, firebaseProjectId),
    limits: LIMITS,
    encode(entry) {
      const document = entry.kind === 'prompt' ? promptDocument(entry.record) : feedbackDocument(entry.event);
      return document && JSON.stringify(document);
    },
    send({ items }: Batch, { signal }): Promise<DestinationResponse> {
      return connection.send(items, signal);
    },
    connect() {
      return connection.connect(AbortSignal.timeout(CONNECT_TIMEOUT_MS));
    },
  };
}

function isEndpoint(value: string): boolean {
  const endpoint = parseUrl(value);
  if (!endpoint) return false;
  return endpoint.protocol === 'https:' || (endpoint.protocol === 'http:' && isLoopback(endpoint));
}

/** Returns the URL without query and trailing slashes. */
function baseOf(endpoint: string): string {
  const { origin, pathname } = new URL(endpoint);
  return origin + pathname.replace(/\/+$/, '');
}
