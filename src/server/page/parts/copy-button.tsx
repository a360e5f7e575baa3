import { useState } from 'preact/hooks';
import { copyText } from '../browser/copy-text.js';

/** Time for which the button shows the result. */
const RESULT_SHOWN_MS = 2500;

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const copy = (): void => {
    void copyText(text).then((isCopied) => {
      setState(isCopied ? 'copied' : 'failed');
      setTimeout(() => setState('idle'), RESULT_SHOWN_MS);
      return isCopied;
    });
  };
  const failed = isSecureContext ? 'The browser does not allow it' : 'The browser needs https for it';
  const texts = { idle: 'Copy', copied: 'Copied', failed };
  return (
    <button type="button" class="quiet" onClick={copy} aria-label={`Copy ${label}`} data-state={state}>
      <span aria-live="polite">{texts[state]}</span>
    </button>
  );
}
