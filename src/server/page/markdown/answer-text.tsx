import { useRawTexts } from '../browser/raw-texts.js';
import { Markdown } from './markdown.js';

/** The text of an answer: as Markdown, or as it was sent if the reader prefers that. */
export function AnswerText({ text }: { readonly text: string }) {
  const [isRaw] = useRawTexts();
  if (!isRaw && text !== '') return <Markdown text={text} />;
  return (
    <p class="text" dir="auto">
      {text === '' ? <span class="muted">empty</span> : text}
    </p>
  );
}

/** Switches all answers of the page between Markdown and raw texts. */
export function RawSwitch() {
  const [isRaw, toggle] = useRawTexts();
  return (
    <button
      type="button"
      class="quiet"
      aria-pressed={isRaw}
      onClick={toggle}
      title="Answers as they were sent"
    >
      Raw
    </button>
  );
}
