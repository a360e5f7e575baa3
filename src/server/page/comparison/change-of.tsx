import type { Change } from '../../insights/compare/change.js';
import { changeText, type Format } from '../../insights/report/change-text.js';

interface ChangeOfProps {
  readonly change: Change;
  readonly format: Format;
  /** True where no change is good or bad: of one day among many, or beside other records of the same time. */
  readonly isNeutral?: boolean;
}

/** The change and the value before. */
export function ChangeOf({ change, format, isNeutral = false }: ChangeOfProps) {
  return <JudgedChange change={change} text={changeText(change, format)} isNeutral={isNeutral} />;
}

interface JudgedChangeProps extends Pick<ChangeOfProps, 'change' | 'isNeutral'> {
  readonly text: string;
}

/** A text about a change. Red and green are for changes that are good or bad, and that chance does not explain; of others, it says that. */
export function JudgedChange({ change, text, isNeutral = false }: JudgedChangeProps) {
  if (text === '') return null;
  const mayBeChance = change.mayBeChance === true && change.difference !== 0;
  const judgement = isNeutral || mayBeChance ? undefined : (change.judgement ?? undefined);
  return (
    <span
      class="change"
      data-judgement={judgement}
      title={mayBeChance ? 'Chance alone could explain this change.' : undefined}
    >
      {text}
      {mayBeChance && <span class="muted">, may be chance</span>}
    </span>
  );
}
