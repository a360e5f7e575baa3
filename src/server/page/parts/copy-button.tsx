import { useState } from 'preact/hooks';

/** Time for which the button shows the result. */
const RESULT_SHOWN_MS = 1500;

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const copy = (): void => {
    navigator.clipboard
      .writeText(text)
      .then(
        () => setState('copied'),
        () => setState('failed'),
      )
      .finally(() => setTimeout(() => setState('idle'), RESULT_SHOWN_MS));
  };
  const texts = { idle: 'Copy', copied: 'Copied', failed: 'Not allowed' };
  return (
    <button type="button" class="quiet" onClick={copy} aria-label={`Copy ${label}`} data-state={state}>
      <span aria-live="polite">{texts[state]}</span>
    </button>
  );
}
