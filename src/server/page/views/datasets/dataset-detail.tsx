import { useRef, useState } from 'preact/hooks';
import type { ListedItem } from '../../../datasets/dataset-page.js';
import { askedText } from '../../../model/stored-record.js';
import { pageSettings } from '../../browser/page-settings.js';
import { useNewRowFocus } from '../../browser/use-new-row-focus.js';
import { useReturnedFocus } from '../../browser/use-returned-focus.js';
import { toApiError } from '../../data/api-error.js';
import { addToDataset, datasetExportUrl, deleteDocument, removeFromDataset } from '../../data/api.js';
import { formatCount, formatInteger } from '../../data/format.js';
import { textProperty } from '../../data/record-fields.js';
import { useDataset } from '../../data/use-resource.js';
import { Link } from '../../parts/link.js';
import { LoadState } from '../../parts/load-state.js';

interface DatasetDetailProps {
  readonly name: string;
  readonly changes: number;
  readonly onClose: () => void;
}

/** Items that are listed at first, and that each further step adds. The server lists at most 1,000 at once. */
const STEP = 100;

/** One data set: its items, and the links that export it. */
export function DatasetDetail({ name, changes, onClose }: DatasetDetailProps) {
  const [limit, setLimit] = useState(STEP);
  const { value, error, retry } = useDataset(name, limit, changes);
  const [problem, setProblem] = useState<string>();
  const box = useRef<HTMLElement>(null);
  const [list, withFocus] = useNewRowFocus<HTMLUListElement>();
  useReturnedFocus(box);
  /** Returns true if it is stored. */
  const change = async (work: Promise<void>): Promise<boolean> => {
    let refusal: string | undefined;
    try {
      await work;
    } catch (reason) {
      refusal = `That did not work. ${toApiError(reason).message}`;
    }
    setProblem(refusal);
    retry();
    return refusal === undefined;
  };
  const isGone = error?.status === 404;
  const gone = value?.page.filter(({ record }) => record === null).length ?? 0;
  return (
    <section ref={box} class="detail" aria-label="Data set">
      <div class="detail-bar">
        <h2>{name}</h2>
        <span class="spacer" />
        {(['openai', 'langfuse'] as const).map((shape) => (
          <a key={shape} class="quiet" href={datasetExportUrl(name, shape)} download>
            {shape === 'openai' ? 'OpenAI JSONL' : 'Langfuse JSONL'}
          </a>
        ))}
        <button type="button" class="quiet" onClick={onClose} aria-label="Close" title="Close (Esc)">
          ×
        </button>
      </div>
      {isGone && <p class="message muted">This data set is gone.</p>}
      {!value && !isGone && <LoadState error={error} onRetry={retry} />}
      {problem && <p role="alert">{problem}</p>}
      {value && !isGone && (
        <>
          <p class="detail-section muted">
            {value.description} {formatCount(value.items, 'answer')}, {formatInteger(value.corrected)} with a
            correction.
            {gone > 0 && ` The records of ${formatInteger(gone)} are gone: they are not exported.`}
          </p>
          <ul class="dataset-items" ref={list}>
            {value.page.map((item) => (
              <Item
                key={item.recordId}
                item={item}
                onCorrect={(correctedAnswer, seenAnswer) =>
                  change(addToDataset(name, { recordId: item.recordId, correctedAnswer, seenAnswer }))
                }
                onRemove={() => void change(removeFromDataset(name, item.recordId))}
              />
            ))}
          </ul>
          {value.items > value.page.length && (
            <p class="more">
              {limit < 1000 && (
                <button type="button" onClick={withFocus(() => setLimit(limit + STEP))}>
                  Show more
                </button>
              )}{' '}
              <span class="muted">{formatInteger(value.items - value.page.length)} are not shown.</span>
            </p>
          )}
          {!pageSettings().mayNotEdit && (
            <DeleteButton onDelete={() => void change(deleteDocument('dataset', name, value.version))} />
          )}
        </>
      )}
    </section>
  );
}

interface ItemProps {
  readonly item: ListedItem;
  /** Returns true if it is stored. @param seen the correction when the editor began, or that shows beside the draft */
  readonly onCorrect: (correctedAnswer: string, seen: string) => Promise<boolean>;
  readonly onRemove: () => void;
}

function Item({ item: { recordId, record, correctedAnswer }, onCorrect, onRemove }: ItemProps) {
  const [draft, setDraft] = useState<string>();
  const answer = record?.kind === 'prompt' ? record.generation : record && textProperty(record, 'generation');
  const [seen, setSeen] = useState<string>();
  const correct = (): void => {
    setDraft(correctedAnswer ?? answer ?? '');
    setSeen(correctedAnswer ?? '');
  };
  const save = async (): Promise<void> => {
    if (draft === undefined) return;
    const isStored = await onCorrect(draft.trim(), seen ?? correctedAnswer ?? '');
    if (isStored) setDraft(undefined);
    // After a refusal, what is stored shows above the draft.
    setSeen(undefined);
  };
  return (
    <li>
      {record ? (
        <>
          <p class="text dataset-question" dir="auto">
            {askedText(record)}
          </p>
          <p class={correctedAnswer === undefined ? 'text' : 'text replaced-answer'} dir="auto">
            {answer}
          </p>
        </>
      ) : (
        <p class="muted">The record {recordId} is gone.</p>
      )}
      {correctedAnswer !== undefined && (draft === undefined || seen === undefined) && (
        <p class="text" dir="auto">
          <span class="pill">corrected</span> {correctedAnswer}
        </p>
      )}
      {draft !== undefined && (
        <textarea
          aria-label="What should have been answered"
          rows={4}
          value={draft}
          onInput={({ currentTarget }) => setDraft(currentTarget.value)}
        />
      )}
      <p class="dataset-tools">
        {record && <Link href={`/?${new URLSearchParams({ record: recordId }).toString()}`}>Record</Link>}
        {!pageSettings().mayNotEdit &&
          (draft === undefined ? (
            <>
              {record && (
                <button type="button" class="quiet" onClick={correct}>
                  Correct
                </button>
              )}
              <button type="button" class="quiet" onClick={onRemove}>
                Take out
              </button>
            </>
          ) : (
            <>
              <button type="button" onClick={() => void save()}>
                Save
              </button>
              <button type="button" class="quiet" onClick={() => setDraft(undefined)}>
                Cancel
              </button>
            </>
          ))}
      </p>
    </li>
  );
}

/** Asks for confirmation in place. */
function DeleteButton({ onDelete }: { readonly onDelete: () => void }) {
  const [isConfirming, setConfirming] = useState(false);
  return (
    <div class="detail-end">
      {isConfirming ? (
        <>
          <button type="button" class="danger" onClick={onDelete}>
            Delete the data set
          </button>
          <button type="button" class="quiet" onClick={() => setConfirming(false)}>
            Keep it
          </button>
          <span class="muted">Its records stay.</span>
        </>
      ) : (
        <button type="button" class="quiet" onClick={() => setConfirming(true)}>
          Delete data set
        </button>
      )}
    </div>
  );
}
