import { ATTR_TRUBRICS_TAGS } from '../semconv.js';
import { toStrings, type SpanAttributes } from './attributes.js';

/** Where libraries write labels: as an array, as JSON, or as text with commas. */
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
] as const;

/** Labels from the attributes of an LLM span or of any span above it, whatever the dialect: those of the first key that has any. */
export function readTags(attributes: SpanAttributes): readonly string[] {
  for (const key of TAG_KEYS) {
    const value = attributes[key];
    if (value === undefined) continue;
    const tags = toStrings(value);
    if (tags.length > 0) return tags;
  }
  return [];
}
