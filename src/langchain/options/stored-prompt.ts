import { asRecord } from '../../common/unknown-values.js';

/** A prompt in a prompt store. */
export interface StoredPrompt {
  readonly name: string | undefined;
  readonly version: string | undefined;
}

/**
 * Returns the prompt that the metadata of a prompt template names: `prompt_name` and `prompt_version`, a prompt of Langfuse as `langfusePrompt`, or what
 * LangSmith's hub writes. Undefined if it names none.
 */
export function storedPrompt(metadata: unknown): StoredPrompt | undefined {
  const given = asRecord(metadata);
  const linked = asRecord(given['langfusePrompt']);
  const names = [given['prompt_name'], given['promptName'], linked['name'], given['lc_hub_repo']];
  const versions = [
    given['prompt_version'],
    given['promptVersion'],
    linked['version'],
    given['lc_hub_commit_hash'],
  ];
  const [name, version] = [firstText(names), firstText(versions)];
  return name === undefined && version === undefined ? undefined : { name, version };
}

function firstText(values: readonly unknown[]): string | undefined {
  return values.map(toText).find((text) => text !== undefined);
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
