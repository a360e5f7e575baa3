import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { pageSettings } from '../browser/page-settings.js';
import { toApiError } from '../data/api-error.js';
import { saveReview, type ReviewChange, type Reviewed } from '../data/review.js';
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
  const save = (change: ReviewChange, seen: Review = review): void => {
    saveReview(reviewed, change, seen).then(onDone, (error: unknown) => {
      setProblem(`It is not stored. ${toApiError(error).message}`);
      // The next attempt is about what is stored now.
      onSaved();
    });
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
          onChoose={(state) => save({ state })}
        />
        <Choice
          label="Your judgement"
          names={RATING_NAMES}
          chosen={review.rating}
          isDisabled={isDisabled}
          onChoose={(rating) => save({ rating: toggled(review, rating) })}
        />
      </div>
      <div class="review-row">
        <label>
          Assignee
          <SavedText
            value={review.assignee ?? ''}
            render={(field) => (
              <input {...field} list="review-assignees" autocomplete="off" disabled={isDisabled} />
            )}
            onSave={(assignee, seen) => save({ assignee }, { ...review, assignee: seen })}
          />
          <datalist id="review-assignees">
            {assignees.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </label>
        <label class="review-note">
          Note
          <SavedText
            value={review.note ?? ''}
            render={(field) => <textarea {...field} ref={note} rows={2} disabled={isDisabled} />}
            onSave={(text, seen) => save({ note: text }, { ...review, note: seen })}
          />
        </label>
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
  readonly value: string;
  readonly render: (field: FieldProps) => preact.ComponentChild;
  /** @param seen the value when the reader began to write */
  readonly onSave: (text: string, seen: string) => void;
}

/** A field that is stored when it is left, and with Ctrl+Enter. What others write shows unless the reader is writing. */
function SavedText({ value, render, onSave }: SavedTextProps) {
  const [draft, setDraft] = useState<string>();
  const seen = useRef<string>(undefined);
  useEffect(() => {
    if (draft?.trim() === value) setDraft(undefined);
  }, [value]);
  const save = (): void => {
    if (draft === undefined) return;
    if (draft.trim() === value) setDraft(undefined);
    else onSave(draft.trim(), seen.current ?? value);
    // After a conflict, the reader has been told of the other value.
    seen.current = undefined;
  };
  return (
    <>
      {render({
        value: draft ?? value,
        onInput: ({ currentTarget }) => {
          seen.current ??= value;
          setDraft(currentTarget.value);
        },
        onBlur: save,
        onKeyDown: (event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
        },
      })}
    </>
  );
}
