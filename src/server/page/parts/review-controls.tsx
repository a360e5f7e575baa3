import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { pageSettings } from '../browser/page-settings.js';
import { toApiError } from '../data/api-error.js';
import { ReviewConflict, saveReview, type ReviewChange, type Reviewed } from '../data/review.js';
import type { Review, ReviewState, StoredReview } from '../../review/review-state.js';

export const STATE_NAMES = {
  'needs-review': 'Needs review',
  'needs-others': 'Needs others',
  done: 'Done',
} as const satisfies Record<ReviewState, string>;

const RATING_NAMES = { good: 'Good', bad: 'Bad' } as const;

interface ReviewControlsProps {
  readonly reviewed: Reviewed;
  readonly review: StoredReview;
  /** People to choose from. */
  readonly assignees?: readonly string[];
  /** Set to the field of the note, for a key that leads there. */
  readonly note?: RefObject<HTMLTextAreaElement | null>;
  /** Called when a change is stored. */
  readonly onSaved: () => void;
}

/** Controls for a review of an answer or a conversation: state, judgement, assignee, note. */
export function ReviewControls({ reviewed, review, assignees = [], note, onSaved }: ReviewControlsProps) {
  const [problem, setProblem] = useState<string>();
  const onDone = (): void => {
    setProblem(undefined);
    onSaved();
  };
  /** Returns why it is not stored; undefined if it is. */
  const save = async (change: ReviewChange, seen: Review = review): Promise<unknown> => {
    try {
      await saveReview(reviewed, change, seen);
      onDone();
      return undefined;
    } catch (error) {
      setProblem(`It is not stored. ${toApiError(error).message}`);
      // The next attempt is about what is stored now.
      onSaved();
      return error;
    }
  };
  const isDisabled = pageSettings().mayNotEdit;
  return (
    <section class="review-controls" aria-label="Review">
      <div class="review-row">
        <Choice
          label="State"
          names={STATE_NAMES}
          chosen={review.state}
          isDisabled={isDisabled}
          onChoose={(state) => void save({ state })}
        />
        <Choice
          label="Your judgement"
          names={RATING_NAMES}
          chosen={review.rating}
          isDisabled={isDisabled}
          onChoose={(rating) => void save({ rating: toggled(review, rating) })}
        />
      </div>
      <div class="review-row">
        <SavedText
          label="Assignee"
          value={review.assignee ?? ''}
          render={(field) => (
            <input {...field} list="review-assignees" autocomplete="off" disabled={isDisabled} />
          )}
          onSave={(assignee, seen) => save({ assignee }, { ...review, assignee: seen })}
          onDiscard={() => setProblem(undefined)}
        />
        <datalist id="review-assignees">
          {assignees.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <SavedText
          label="Note"
          class="review-note"
          value={review.note ?? ''}
          render={(field) => <textarea {...field} ref={note} rows={2} disabled={isDisabled} />}
          onSave={(text, seen) => save({ note: text }, { ...review, note: seen })}
          onDiscard={() => setProblem(undefined)}
        />
      </div>
      {problem && <p role="alert">{problem}</p>}
    </section>
  );
}

/** Returns the judgement after one was chosen: choosing it again takes it back. */
export function toggled(review: Review, rating: keyof typeof RATING_NAMES): Review['rating'] {
  return review.rating === rating ? undefined : rating;
}

interface ChoiceProps<Name extends string> {
  readonly label: string;
  readonly names: Readonly<Record<Name, string>>;
  readonly chosen: Name | undefined;
  readonly isDisabled: boolean;
  readonly onChoose: (name: Name) => void;
}

function Choice<Name extends string>({ label, names, chosen, isDisabled, onChoose }: ChoiceProps<Name>) {
  return (
    <div class="choice" role="group" aria-label={label}>
      {(Object.keys(names) as Name[]).map((name) => (
        <button
          key={name}
          type="button"
          data-name={name}
          aria-pressed={name === chosen}
          disabled={isDisabled}
          onClick={() => onChoose(name)}
        >
          {names[name]}
        </button>
      ))}
    </div>
  );
}

interface FieldProps {
  readonly value: string;
  readonly onInput: (event: Event & { readonly currentTarget: { readonly value: string } }) => void;
  readonly onBlur: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

interface SavedTextProps {
  readonly label: string;
  readonly class?: string;
  readonly value: string;
  readonly render: (field: FieldProps) => preact.ComponentChild;
  /**
   * @param seen the value when the reader began to write
   * @returns why it is not stored; undefined if it is
   */
  readonly onSave: (text: string, seen: string) => Promise<unknown>;
  /** Called when the reader leaves what others have stored. */
  readonly onDiscard: () => void;
}

/**
 * A field that is stored when it is left, and with Ctrl+Enter. What others write shows unless the reader is writing. After a conflict, leaving the field
 * does not store it until the reader has written more.
 */
function SavedText({ label, class: className, value, render, onSave, onDiscard }: SavedTextProps) {
  const [draft, setDraft] = useState<string>();
  const [isRefused, setRefused] = useState(false);
  const seen = useRef<string>(undefined);
  const discard = (): void => {
    seen.current = undefined;
    setDraft(undefined);
    setRefused(false);
  };
  useEffect(() => {
    if (draft?.trim() === value) discard();
  }, [value]);
  const save = async (): Promise<void> => {
    if (draft === undefined) return;
    if (draft.trim() === value) return discard();
    const error = await onSave(draft.trim(), seen.current ?? value);
    setRefused(error instanceof ReviewConflict);
    // After a conflict, the reader has been told of the other value.
    if (error instanceof ReviewConflict) seen.current = Object.values(error.now).join('');
    else if (error === undefined) seen.current = undefined;
  };
  return (
    <>
      <label class={className}>
        {label}
        {render({
          value: draft ?? value,
          onInput: ({ currentTarget }) => {
            seen.current ??= value;
            setDraft(currentTarget.value);
            setRefused(false);
          },
          onBlur: () => !isRefused && void save(),
          onKeyDown: (event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void save();
          },
        })}
      </label>
      {isRefused && (
        <button
          type="button"
          onClick={() => {
            discard();
            onDiscard();
          }}
        >
          Discard mine
        </button>
      )}
    </>
  );
}
