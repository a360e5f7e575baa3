import type { FetchLike } from '../http/fetch.js';
import { member, PlatformRefusal, request, textMember, type PlatformResponse } from './http.js';
import type { FirebaseSession } from './session.js';

export interface ProjectOptions {
  readonly project: string;
  readonly firebaseProjectId: string;
  /** Base URL of Firestore. */
  readonly firestoreUrl: string;
  readonly fetch: FetchLike | undefined;
}

const PAGE_SIZE = 50;
const MAX_PAGES = 100;
/** Age at which the list of feedback components is loaded again. */
const MAX_COMPONENTS_AGE_MS = 60_000;

/** One project of the account's organisation. Looked up once, when it is first needed. */
export class PlatformProject {
  readonly #options: ProjectOptions;
  readonly #session: FirebaseSession;
  #url: Promise<string> | undefined;
  #components: { readonly names: ReadonlySet<string>; readonly freshUntilMs: number } | undefined;

  constructor(options: ProjectOptions, session: FirebaseSession) {
    this.#options = options;
    this.#session = session;
  }

  /**
   * Returns the base URL of the project's documents.
   *
   * @throws {PlatformRefusal} if the account has no organisation, or the organisation has no such project.
   */
  async url(signal: AbortSignal): Promise<string> {
    this.#url ??= this.#lookUp(signal);
    try {
      return await this.#url;
    } catch (error) {
      // The next batch looks it up again: the project may have been created by then.
      this.#url = undefined;
      throw error;
    }
  }

  /** @throws {PlatformRefusal} if the project has no such feedback component. */
  async checkComponent(component: string, signal: AbortSignal): Promise<void> {
    if (!this.#components || performance.now() > this.#components.freshUntilMs) {
      const names = await this.#list(`${await this.url(signal)}/feedback`, signal);
      this.#components = { names: new Set(names), freshUntilMs: performance.now() + MAX_COMPONENTS_AGE_MS };
    }
    if (this.#components.names.has(component)) return;
    throw new PlatformRefusal({
      status: 422,
      reason: `the project has no feedback component "${component}"; it has ${list([...this.#components.names])}`,
    });
  }

  /** Sends a request with the account's token. If the token has become invalid, repeats it once with a new one. */
  async call(
    method: 'GET' | 'POST',
    url: string,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<PlatformResponse> {
    const token = await this.#session.token(signal);
    const response = await this.#callWith(token, method, url, body, signal);
    if (response.status !== 401) return response;
    this.#session.invalidate(token);
    return this.#callWith(await this.#session.token(signal), method, url, body, signal);
  }

  #callWith(
    token: string,
    method: 'GET' | 'POST',
    url: string,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<PlatformResponse> {
    const headers = { authorization: `Bearer ${token}` };
    return request(
      { method, url, headers, ...(body !== undefined && { body }), signal },
      this.#options.fetch,
    );
  }

  async #lookUp(signal: AbortSignal): Promise<string> {
    const { project, firestoreUrl } = this.#options;
    const organisation = await this.#findOrganisation(signal);
    const base = `${firestoreUrl}/v1/${organisation}/projects`;
    const projects = await this.#list(base, signal);
    if (projects.includes(project)) return `${base}/${encodeURIComponent(project)}`;
    throw new PlatformRefusal({
      status: 403,
      reason: `the organisation has no project "${project}"; it has ${list(projects)}`,
    });
  }

  /** Returns the URL path of the organisation's document. */
  async #findOrganisation(signal: AbortSignal): Promise<string> {
    const { firebaseProjectId, firestoreUrl } = this.#options;
    const email = await this.#session.email(signal);
    const root = `${firestoreUrl}/v1/projects/${encodeURIComponent(firebaseProjectId)}/databases/(default)/documents`;
    const query = {
      structuredQuery: {
        from: [{ collectionId: 'organisations' }],
        where: {
          fieldFilter: { field: { fieldPath: 'users' }, op: 'ARRAY_CONTAINS', value: { stringValue: email } },
        },
      },
    };
    const response = await this.call('POST', `${root}:runQuery`, JSON.stringify(query), signal);
    throwUnlessOk(response, 'the organisation cannot be looked up');
    const name = textMember(response.body, '0', 'document', 'name');
    if (name !== undefined) return name.split('/').map(encodeURIComponent).join('/');
    throw new PlatformRefusal({ status: 403, reason: 'the account belongs to no organisation' });
  }

  /** Returns the names of all documents in a collection that are not archived. */
  async #list(url: string, signal: AbortSignal): Promise<string[]> {
    const names: string[] = [];
    let pageToken = '';
    for (let page = 0; page < MAX_PAGES; page++) {
      const query = new URLSearchParams({
        pageSize: String(PAGE_SIZE),
        'mask.fieldPaths': 'archived',
        ...(pageToken && { pageToken }),
      });
      const response = await this.call('GET', `${url}?${query.toString()}`, undefined, signal);
      throwUnlessOk(response, 'projects or components cannot be listed');
      names.push(...namesIn(response.body));
      pageToken = textMember(response.body, 'nextPageToken') ?? '';
      if (pageToken === '') break;
    }
    return names;
  }
}

/** Statuses of Firestore that mean another one in {@link DestinationResponse}. */
const STATUS_MEANING = new Map([
  // Not found: the database. The platform may be gone, or the project id wrong, so the entries wait.
  [404, 403],
  // Conflict: two writes met, and this one was aborted. It is retried.
  [409, 503],
]);

/** @throws {PlatformRefusal} for every status but 2xx. The statuses do not depend on the documents, so that no document is lost. */
export function throwUnlessOk({ status, headers, code }: PlatformResponse, what: string): void {
  if (status >= 200 && status < 300) return;
  const reason = code ? `${what} (${code})` : what;
  throw new PlatformRefusal({ status: STATUS_MEANING.get(status) ?? status, headers, reason });
}

function namesIn(body: unknown): string[] {
  const documents = member(body, 'documents');
  if (!Array.isArray(documents)) return [];
  return documents
    .filter((document) => member(document, 'fields', 'archived', 'booleanValue') !== true)
    .map((document) => textMember(document, 'name')?.split('/').at(-1) ?? '')
    .filter((name) => name !== '');
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ');
}
