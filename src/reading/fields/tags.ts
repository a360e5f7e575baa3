import { ATTR_TRUBRICS_TAGS } from '../../common/semconv.js';
import { toStrings, withNames, type SpanAttributes } from '../model/attributes.js';
import { field, fieldTable, readFields, type FieldGroups } from './fields.js';

/** Attributes with tags: an array, a JSON array or comma-separated text. */
const TAG_KEYS = [
  ATTR_TRUBRICS_TAGS,
  'langfuse.trace.tags',
  'tag.tags',
  'ai.telemetry.metadata.tags',
  'ai.settings.context.tags',
  'mastra.tags',
  'langsmith.span.tags',
  'braintrust.tags',
  'lmnr.association.properties.tags',
  'traceloop.association.properties.tags',
  'langfuse.observation.metadata.tags',
  'metadata.tags',
  'langfuse.tags',
  'langwatch.labels',
  'langwatch.langchain.run.tags',
] as const;

export interface TagGroups {
  readonly labels: { readonly tags: readonly string[] };
}

export const TAG_GROUPS: FieldGroups<TagGroups> = { labels: { tags: field(toTags, ...TAG_KEYS) } };

const TABLE = fieldTable<TagGroups>(TAG_GROUPS);

/** Reads the tags of an LLM span, or of any span above it, in any dialect: those of the first key that has any. */
export function readTags(attributes: SpanAttributes): readonly string[] {
  return readFields(withNames(attributes), TABLE, { labels: {} }).labels.tags ?? [];
}

function toTags(value: unknown): readonly string[] | undefined {
  const tags = toStrings(value);
  return tags.length > 0 ? tags : undefined;
}
