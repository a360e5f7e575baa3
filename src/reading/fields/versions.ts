import {
  ATTR_DEPLOYMENT_ENVIRONMENT,
  ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
  ATTR_SERVICE_VERSION,
  ATTR_TRUBRICS_PROMPT_NAME,
  ATTR_TRUBRICS_PROMPT_VERSION,
} from '../../common/semconv.js';
import { withoutLinkedPrompts } from '../../common/text/linked-prompts.js';
import { readId, toId, type SpanAttributes } from '../model/attributes.js';
import type { LlmCall } from '../model/llm-call.js';
import { field, type FieldGroups } from './fields.js';

/** Facts that change from one release of an application to the next: the release, its environment, and the prompt in a prompt store. */
export type Versions = Pick<LlmCall, 'serviceVersion' | 'environment' | 'promptName' | 'promptVersion'>;

export interface VersionGroups {
  readonly versions: Versions;
}

export const VERSION_GROUPS: FieldGroups<VersionGroups> = {
  versions: {
    // A resource says it, if anything does: these are of libraries that write it on each span.
    serviceVersion: field(toId, ATTR_SERVICE_VERSION, 'langfuse.release', 'sentry.release'),
    environment: field(
      toId,
      ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
      ATTR_DEPLOYMENT_ENVIRONMENT,
      'langfuse.environment',
      'sentry.environment',
    ),
    promptName: field(
      toId,
      ATTR_TRUBRICS_PROMPT_NAME,
      'langfuse.observation.prompt.name',
      'gen_ai.prompt.name',
      'traceloop.prompt.key',
      'genkit:metadata:prompt:name',
      'langwatch.prompt.handle',
      'langwatch.prompt.id',
      // OpenInference.
      'prompt.id',
    ),
    promptVersion: field(
      toId,
      ATTR_TRUBRICS_PROMPT_VERSION,
      'langfuse.observation.prompt.version',
      'gen_ai.prompt.version',
      'traceloop.prompt.version',
      'traceloop.prompt.version_hash',
      'llm.prompt_template.version',
      'langwatch.prompt.version.number',
      'langwatch.prompt.version.id',
    ),
  },
};

/** Returns the release that a resource names. It wins over that of a span. */
export function serviceVersionOf(resource: SpanAttributes): string | undefined {
  return readId(resource, ATTR_SERVICE_VERSION, 'langfuse.release');
}

export function environmentOf(resource: SpanAttributes): string | undefined {
  return readId(
    resource,
    ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
    ATTR_DEPLOYMENT_ENVIRONMENT,
    'langfuse.environment',
  );
}

/**
 * Reads the prompt from metadata that the AI SDK, LangChain and others pass on as it is: a prompt of a prompt store, or names in camel case. The metadata
 * is returned without such a prompt, whose text is no metadata.
 */
export function promptInMetadata(given: LlmCall['metadata']): PromptInMetadata {
  const { metadata, prompt } = withoutLinkedPrompts(given);
  return {
    metadata,
    promptName: toId(metadata['promptName']) ?? prompt?.name,
    promptVersion: toId(metadata['promptVersion']) ?? prompt?.version,
  };
}

interface PromptInMetadata extends Pick<LlmCall, 'metadata'> {
  readonly promptName: string | undefined;
  readonly promptVersion: string | undefined;
}
