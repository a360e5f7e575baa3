import type { Change } from '../../insights/compare/change.js';
import { changeText, type Format } from '../../insights/report/change-text.js';

/** The change and the value before. Red and green are for what can be good or bad alone. */
export function ChangeOf({ change, format }: { readonly change: Change; readonly format: Format }) {
  const text = changeText(change, format);
  if (text === '') return null;
  return (
    <span class="change" data-judgement={change.judgement ?? undefined}>
      {text}
    </span>
  );
}
