import { Dialog } from '../parts/dialog.js';

const KEYS = [
  ['/', 'Search'],
  ['j', 'Next record (older)'],
  ['k', 'Previous record (newer)'],
  ['Enter', 'Open the marked record'],
  ['→ ←', 'Show or hide the calls of a turn'],
  ['Esc', 'Close the menu or the record'],
  ['p', 'Pause, and go on'],
  ['?', 'This help'],
] as const;

export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl class="keys">
        {KEYS.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">
        Search finds records that have all words, also in parts of words, in prompts, answers, comments,
        errors, system prompts and names; "several words" in quotes are found together, and -word leaves out.
        Filters are in the address: bookmark it, or send it.
      </p>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </Dialog>
  );
}
