import type { Change } from '../../insights/compare/change.js';
import { changeText, type Format } from '../../insights/report/change-text.js';

/** The change and the value before. Red and green are for changes that are good or bad, and that chance does not explain. */
export function ChangeOf({ change, format }: { readonly change: Change; readonly format: Format }) {
  const text = changeText(change, format);
  if (text === '') return null;
  const judgement = change.mayBeChance ? undefined : (change.judgement ?? undefined);
  return (
    <span
      class="change"
      data-judgement={judgement}
      title={change.mayBeChance ? 'Chance alone could explain this change.' : undefined}
    >
      {text}
    </span>
  );
}
