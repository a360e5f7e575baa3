import type { DestinationResponse } from '../destination.js';
import type { PlatformDocument } from './documents.js';
import { PlatformRefusal } from './http.js';
import { PlatformProject, throwUnlessOk, type ProjectOptions } from './project.js';
import { FirebaseSession, type SessionOptions } from './session.js';

/** Documents of one batch that are sent at the same time. */
const CONCURRENCY = 5;

/** Signs in and saves documents. */
export class PlatformConnection {
  readonly #project: PlatformProject;

  constructor(options: ProjectOptions & SessionOptions) {
    this.#project = new PlatformProject(options, new FirebaseSession(options));
  }

  /** @throws Error that names the cause: the account, or the project, with the names of the existing ones. */
  async connect(signal: AbortSignal): Promise<void> {
    await this.#project.url(signal);
  }

  async send(items: readonly string[], signal: AbortSignal): Promise<DestinationResponse> {
    try {
      return await saveAll(this.#project, items, signal);
    } catch (error) {
      if (error instanceof PlatformRefusal) return error.response;
      throw error;
    }
  }
}

async function saveAll(
  target: PlatformProject,
  items: readonly string[],
  signal: AbortSignal,
): Promise<DestinationResponse> {
  await target.url(signal);
  const rejected: number[] = [];
  let reason = '';
  for (let start = 0; start < items.length; start += CONCURRENCY) {
    const reasons = await Promise.all(
      items.slice(start, start + CONCURRENCY).map((item) => save(target, item, signal)),
    );
    for (const [offset, refusalReason] of reasons.entries()) {
      if (refusalReason === undefined) continue;
      rejected.push(start + offset);
      reason = refusalReason;
    }
  }
  return rejected.length > 0 ? { status: 422, rejected, reason } : { status: 200 };
}

/** Saves one document. Returns `undefined` if it is saved, else the reason for which it was refused for good. */
async function save(target: PlatformProject, item: string, signal: AbortSignal): Promise<string | undefined> {
  const { component, id, fields } = JSON.parse(item) as PlatformDocument;
  try {
    if (component !== undefined) await target.checkComponent(component, signal);
  } catch (error) {
    if (error instanceof PlatformRefusal && error.response.status === 422) return error.message;
    throw error;
  }
  const collection =
    component === undefined ? 'prompts' : `feedback/${encodeURIComponent(component)}/responses`;
  const url = `${await target.url(signal)}/${collection}?documentId=${encodeURIComponent(id)}`;
  const response = await target.call('POST', url, JSON.stringify({ fields }), signal);
  // An earlier attempt saved it, and its response got lost.
  if (response.code === 'ALREADY_EXISTS') return undefined;
  if (response.status === 400 || response.status === 413) return response.code ?? `HTTP ${response.status}`;
  throwUnlessOk(response, 'a document was refused');
  return undefined;
}
