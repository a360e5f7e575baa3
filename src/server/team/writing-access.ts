import type { Context, MiddlewareHandler } from 'hono';
import { drain } from '../ingest/body/drain.js';
import { RETRY_FAILED_AFTER, shownKeys } from '../ingest/ingest-request.js';
import { encodeStatus, type OtlpType } from '../ingest/otlp/otlp-response.js';
import { OTLP_PATH } from '../http/paths.js';
import type { CredentialRegister } from '../security/credentials/credential-register.js';
import type { WritingKey } from '../security/credentials/credentials.js';
import type { Quotas } from '../security/quotas.js';
import type { RefusalReason } from '../metrics/server-metrics.js';
import type { Projects } from './projects.js';
import type { TeamContext, TeamEnvironment } from './team-environment.js';

export interface WritingAccessOptions {
  readonly register: CredentialRegister;
  readonly quotas: Quotas;
  /** Records per minute of a key without a quota of its own; undefined: no limit. */
  readonly quota?: number | undefined;
  readonly projects: Projects;
  /** The project that everybody may write to with any key; undefined: a key is needed. */
  readonly openProject?: string | undefined;
  readonly onRefused: (refused: Refused) => void;
}

/** A request of an application that was refused. */
export interface Refused {
  readonly reason: RefusalReason;
  readonly status: number;
  /** Undefined if the key is not known. */
  readonly project?: string | undefined;
  /** Name of the key. */
  readonly key?: string | undefined;
  /** Fault of the sender, where the reason does not tell. */
  readonly problem?: string;
}

type Admission =
  | { readonly project: string; readonly key?: WritingKey }
  | {
      readonly status: 401 | 403 | 429;
      readonly reason: RefusalReason;
      readonly detail: string;
      readonly key?: WritingKey;
      readonly waitMs?: number;
    };

const REASONS: Readonly<Record<number, RefusalReason>> = {
  400: 'invalid',
  401: 'unauthorized',
  404: 'unknown_path',
  413: 'too_large',
  415: 'unsupported_type',
  422: 'invalid',
  429: 'busy',
  503: 'store_failed',
};

/** Finds the project that a key belongs to, holds the key to its quota, and passes the request on to the routes of the project. */
export function writingAccess(options: WritingAccessOptions): MiddlewareHandler<TeamContext> {
  const { quotas, projects, onRefused } = options;
  return async (c) => {
    const admission = admit(c, options);
    if ('status' in admission) {
      const { status, reason, detail, key, waitMs } = admission;
      onRefused({ reason, status, project: key?.project, key: key?.name });
      if (waitMs !== undefined) c.header('retry-after', String(Math.ceil(waitMs / 1000)));
      // Somebody without a key gets no bytes read.
      if (key && !(await drain(c.req.raw))) c.header('connection', 'close');
      return refusal(c, status, detail);
    }
    const { key } = admission;
    const project = await projects.get(admission.project);
    if (!project) {
      onRefused({ reason: 'store_failed', status: 503, project: admission.project, key: key?.name });
      c.header('retry-after', RETRY_FAILED_AFTER);
      return refusal(c, 503, 'The store of this project is not available: send again later');
    }
    const quota = key && quotaOf(key, options);
    const environment: TeamEnvironment = {
      ...c.env,
      ...(key && quota !== undefined && { onAccepted: (count) => quotas.take(idOf(key), quota, count) }),
    };
    const response = await project.routes.fetch(c.req.raw, environment);
    const reason = REASONS[response.status];
    if (reason) onRefused({ reason, status: response.status, project: admission.project, key: key?.name });
    return response;
  };
}

function admit(c: Context<TeamContext>, options: WritingAccessOptions): Admission {
  const { register, quotas, openProject } = options;
  const shown = shownKeys(c);
  if (openProject !== undefined)
    return (c.env.project ?? openProject) === openProject
      ? { project: openProject }
      : {
          status: 403,
          reason: 'wrong_project',
          detail: `This server has no keys, and so only the project ${openProject}`,
        };
  const key = shown.map((text) => register.findKey(text)).find((found) => found !== undefined);
  if (!key)
    return {
      status: 401,
      reason: 'unauthorized',
      detail:
        shown.length === 0
          ? 'Missing API key: send it in the header x-api-key, or as Authorization: Bearer'
          : 'Invalid API key',
    };
  if (c.env.project !== undefined && c.env.project !== key.project)
    return { status: 403, reason: 'wrong_project', detail: 'This key belongs to another project', key };
  const quota = quotaOf(key, options);
  const waitMs = quota === undefined ? 0 : quotas.waitOf(idOf(key), quota);
  if (waitMs === 0) return { project: key.project, key };
  const detail = `The quota of this key is used up (${quota} records a minute): send again later`;
  return { status: 429, reason: 'quota', detail, key, waitMs };
}

function quotaOf({ recordsPerMinute }: WritingKey, { quota }: WritingAccessOptions): number | undefined {
  return recordsPerMinute ?? quota;
}

function idOf({ hash }: WritingKey): string {
  return hash.toString('base64');
}

/** Answers in the form of the protocol that is spoken on the path. */
function refusal(c: Context, status: 401 | 403 | 429 | 503, detail: string): Response {
  if (!c.req.path.startsWith(`${OTLP_PATH}/`)) return c.json({ detail }, status);
  const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  const otlp: OtlpType = type === 'application/json' ? type : 'application/x-protobuf';
  return c.body(encodeStatus(otlp, detail), status, { 'content-type': otlp });
}
