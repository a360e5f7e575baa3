import { firstText, type LinkedPrompt } from '../../common/text/linked-prompts.js';
import { asRecord } from '../../common/unknown-values.js';

/**
 * Returns the prompt that the metadata of a prompt template names: `prompt_name` and `prompt_version`, a prompt of Langfuse as `langfusePrompt`, or what
 * LangSmith's hub writes. Undefined if it names none.
 */
export function storedPrompt(metadata: unknown): LinkedPrompt | undefined {
  const given = asRecord(metadata);
  const linked = asRecord(given['langfusePrompt']);
  const name =
    firstText(given, ['prompt_name', 'promptName']) ??
    firstText(linked, ['name']) ??
    firstText(given, ['lc_hub_repo']);
  const version =
    firstText(given, ['prompt_version', 'promptVersion']) ??
    firstText(linked, ['version']) ??
    firstText(given, ['lc_hub_commit_hash']);
  return name === undefined && version === undefined ? undefined : { name, version };
}
