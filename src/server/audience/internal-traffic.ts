import type { PropertyValue } from '../../records/model/prompt-record.js';
import { BadQueryError } from '../query/parse-query.js';
import type { RecordQuery } from '../query/record-query.js';
import { parseFilters } from '../query/parse-filters.js';
import { readFilters } from './project-time-zone.js';
import type { DocumentReader } from './read-once.js';

/** The document with the rule, if somebody has changed it: `{ filters }`. */
export const INTERNAL_RULE = { kind: 'setting', name: 'internal-traffic' } as const;

/**
 * Default rule: a record is internal traffic if it matches one of these filters. They match what is hardly ever a user, because nobody
 * notices a user who is hidden by mistake.
 *
 * - `environment`: the resource attribute `deployment.environment.name`. `development` is not among them: on a laptop, all records have it.
 * - `user_agent.synthetic.type`: the OpenTelemetry convention for bots and for synthetic monitoring.
 */
export const DEFAULT_INTERNAL_FILTERS: readonly string[] = [
  'prop.environment=test&prop.environment=testing&prop.environment=ci',
  'tag=internal&tag=test&tag=synthetic',
  'prop.internal=true',
  'prop.user_agent.synthetic.type=bot&prop.user_agent.synthetic.type=test',
  'user=test&user=test-user&user=test_user&user=testuser&user=healthcheck&user=health-check',
];

const DEFAULT_QUERIES = parseFilters({ filters: [...DEFAULT_INTERNAL_FILTERS] });

export interface InternalRule {
  /** As the parameters of a URL. A record that matches one of them is internal. */
  readonly filters: readonly string[];
  readonly queries: readonly RecordQuery[];
  /** True if nobody has changed it. */
  readonly isDefault: boolean;
  /** Version of the document; 0 without one. */
  readonly version: number;
  /** Set if the stored rule cannot be read. The default one applies instead. */
  readonly problem?: string;
}

/** Refuses a value that is no rule. Other settings are ignored. @throws BadQueryError */
export function checkInternalSetting(name: string, value: PropertyValue): void {
  if (name === INTERNAL_RULE.name) parseFilters(value);
}

/** Returns the rule that applies. */
export async function readInternalRule(documents: DocumentReader): Promise<InternalRule> {
  const byDefault = { filters: DEFAULT_INTERNAL_FILTERS, queries: DEFAULT_QUERIES, isDefault: true };
  const document = await documents.get(INTERNAL_RULE.kind, INTERNAL_RULE.name);
  if (!document) return { ...byDefault, version: 0 };
  const { value, version } = document;
  try {
    const queries = await readFilters(value, documents);
    const { filters } = value as { filters: readonly string[] };
    return { filters, queries, isDefault: false, version };
  } catch (error) {
    if (error instanceof BadQueryError) return { ...byDefault, version, problem: error.message };
    throw error;
  }
}
