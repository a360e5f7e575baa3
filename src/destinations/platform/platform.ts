import { environmentVariable } from '../../common/environment.js';
import { checkOptionNames } from '../../common/option-names.js';
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

/** The compiler keeps the list whole. */
const OPTION_NAMES: Readonly<Record<keyof TrubricsPlatformOptions, true>> = {
  email: true,
  password: true,
  project: true,
  firebaseApiKey: true,
  firebaseProjectId: true,
  endpoints: true,
  fetch: true,
};

const ENDPOINTS = {
  identity: 'https://identitytoolkit.googleapis.com',
  token: 'https://securetoken.googleapis.com',
  firestore: 'https://firestore.googleapis.com',
};
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
  checkOptionNames(options, OPTION_NAMES);
  checkOptionNames(options.endpoints ?? {}, ENDPOINTS, 'endpoints.');
  const email = need('email', options.email, 'TRUBRICS_EMAIL');
  const password = need('password', options.password, 'TRUBRICS_PASSWORD');
  const firebaseApiKey = need('firebaseApiKey', options.firebaseApiKey, 'TRUBRICS_FIREBASE_API_KEY');
  const project =
    checkText('project', options.project ?? environmentVariable('TRUBRICS_PROJECT')) ?? 'default';
  const firebaseProjectId = checkText('firebaseProjectId', options.firebaseProjectId) ?? 'trubrics-streamlit';
  const [identityUrl, tokenUrl, firestoreUrl] = (['identity', 'token', 'firestore'] as const).map((name) =>
    checkUrl(`endpoints.${name}`, options.endpoints?.[name] ?? ENDPOINTS[name]),
  ) as [string, string, string];
  const { fetch } = options;
  if (fetch !== undefined && typeof fetch !== 'function') {
    throw new TypeError(`fetch: ${typeof fetch} given, a function like the global fetch accepted.`);
  }
  const session = new FirebaseSession({ email, password, firebaseApiKey, identityUrl, tokenUrl, fetch });
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

function need(option: string, value: unknown, variable: string): string {
  const text = checkText(option, value ?? environmentVariable(variable));
  if (text !== undefined) return text;
  const where =
    option === 'firebaseApiKey'
      ? ' Upstream publishes it in the repository trubrics/trubrics-sdk, in trubrics/platform/config.py before commit b957bed; ' +
        'this package does not ship it.'
      : '';
  throw new TypeError(
    `${option}: none given. Set the option ${option} or the environment variable ${variable}.${where}`,
  );
}

function checkText(option: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new TypeError(`${option}: ${value === '' ? 'an empty string' : typeof value} given, text accepted.`);
}

function checkUrl(option: string, value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)))) {
    return url.origin + url.pathname.replace(/\/+$/, '');
  }
  throw new TypeError(
    `${option}: https URLs accepted, and http for this machine, for instance "${ENDPOINTS.identity}".`,
  );
}
