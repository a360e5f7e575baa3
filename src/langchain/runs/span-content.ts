import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { putContent } from '../../common/content-channel.js';
import type { Run } from './run.js';

/** Returns true if the text of a run is recorded anywhere. Callers check it before they serialise text. */
export function recordsContent({ settings, span }: Run): boolean {
  return settings.content !== 'none' && span?.isRecording() === true;
}

/** Returns true if text is recorded on the span itself, where every exporter sees it. */
export function recordsContentOnSpan(run: Run): boolean {
  return run.settings.content === 'span' && recordsContent(run);
}

/** Records text where the option `content` wants it: on the span, or in the content channel. */
export function writeContent(run: Run, attributes: Attributes): void {
  if (!run.span || !recordsContent(run)) return;
  if (run.settings.content === 'span') run.span.setAttributes(attributes);
  else putContent(run.span, attributes);
}

/** Sets attributes and content in one `setAttributes` call, which is cheaper than two (test/bench/langchain.mjs). Mutates `attributes`. */
export function writeAttributesAndContent(
  run: Run,
  attributes: Attributes,
  content: Attributes | undefined,
): void {
  const isOnSpan = run.settings.content === 'span';
  if (content && isOnSpan) Object.assign(attributes, content);
  run.span?.setAttributes(attributes);
  if (content && !isOnSpan) writeContent(run, content);
}

/** Sets an attribute unless its value is undefined. Mutates `attributes`, to avoid an object per attribute. */
export function setDefined(attributes: Attributes, name: string, value: AttributeValue | undefined): void {
  if (value !== undefined) attributes[name] = value;
}
