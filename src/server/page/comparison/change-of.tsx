import type { Change } from '../../insights/compare/change.js';
import { changeText, type Format } from '../../insights/report/change-text.js';

interface ChangeOfProps {
  readonly change: Change;
  readonly format: Format;
  /** True where no change is good or bad: of one day among many, or beside other records of the same time. */
  readonly isNeutral?: boolean;
}

/** The change and the value before. Red and green are for changes that are good or bad, and that chance does not explain. */
export function ChangeOf({ change, format, isNeutral = false }: ChangeOfProps) {
  const text = changeText(change, format);
  if (text === '') return null;
  const judgement = isNeutral || change.mayBeChance ? undefined : (change.judgement ?? undefined);
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
