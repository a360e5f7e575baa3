import { Dialog } from '../parts/dialog.js';

const KEYS = [
  ['s', 'Summary'],
  ['l', 'Live list of prompts'],
  ['/', 'Search'],
  ['j', 'Next record (older)'],
  ['k', 'Previous record (newer)'],
  ['Enter', 'Open the marked record'],
  ['→ ←', 'Show or hide the calls of a turn'],
  ['Esc', 'Close the menu or the record'],
  ['p', 'Pause, and go on'],
  ['?', 'This help'],
] as const;

/** In the view “Review”. */
const REVIEW_KEYS = [
  ['n', 'Next answer'],
  ['1 2 3', 'Needs review, needs others, done'],
  ['g b', 'Good, bad; again: neither'],
  ['e', 'Write the note'],
] as const;

export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <KeyList keys={KEYS} />
      <h3>Review</h3>
      <KeyList keys={REVIEW_KEYS} />
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

function KeyList({ keys }: { readonly keys: readonly (readonly [key: string, meaning: string])[] }) {
  return (
    <dl class="keys">
      {keys.map(([key, meaning]) => (
        <div key={key}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
