import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { putContent } from '../../common/content-channel.js';
import type { Run } from '../runs/run.js';

/** Whether anybody would see the text of a run: otherwise it need not be put together. */
export function wantsContent({ settings, span }: Run): boolean {
  return settings.content !== 'none' && span?.isRecording() === true;
}

/** Whether text may be on the span itself, where every exporter sees it. */
export function showsContent(run: Run): boolean {
  return run.settings.content === 'span' && wantsContent(run);
}

/** Puts text where the handler's `content` option wants it. */
export function writeContent(run: Run, attributes: Attributes): void {
  if (!run.span || !wantsContent(run)) return;
  if (run.settings.content === 'span') run.span.setAttributes(attributes);
  else putContent(run.span, attributes);
}

/** The same beside other attributes, which it adds to: the span takes one list in less time than two. */
export function writeWithContent(run: Run, attributes: Attributes, content: Attributes | undefined): void {
  const isShown = run.settings.content === 'span';
  if (content && isShown) Object.assign(attributes, content);
  run.span?.setAttributes(attributes);
  if (content && !isShown) writeContent(run, content);
}

/** Sets what is known. Cheaper than spreading one object for each attribute. */
export function setKnown(attributes: Attributes, name: string, value: AttributeValue | undefined): void {
  if (value !== undefined) attributes[name] = value;
}
