import { useEffect, useState } from 'preact/hooks';
import type { DocumentMention, ErasureReport } from '../../model/privacy/erasure-report.js';
import type { StoreUsage } from '../../engines/record-store.js';
import { toApiError } from '../data/api-error.js';
import { forgetPerson, getErasure } from '../data/api.js';
import { deletedFrom } from '../data/deleted-from.js';
import { formatCount } from '../data/format.js';
import { CopyButton } from '../parts/copy-button.js';
import { Dialog } from '../parts/dialog.js';

interface ForgetDialogProps {
  readonly user: string;
  readonly usage: StoreUsage | undefined;
  readonly onClose: () => void;
  /** Called when nothing of the person is left, and the dialog was closed. */
  readonly onForgotten: () => void;
}

/** Says what goes, asks before it goes, and lists afterwards what is left elsewhere: at other hosts, in documents. */
export function ForgetDialog({ user, usage, onClose, onForgotten }: ForgetDialogProps) {
  const [report, setReport] = useState<ErasureReport>();
  const [done, setDone] = useState<ErasureReport>();
  const [isWorking, setWorking] = useState(false);
  const [problem, setProblem] = useState<string>();
  const fail = (error: unknown): void => {
    setWorking(false);
    setProblem(toApiError(error).message);
  };
  useEffect(() => {
    getErasure(user).then(setReport, fail);
  }, [user]);
  const forget = (): void => {
    setWorking(true);
    forgetPerson(user).then(
      (answer) => (answer.forwarded.length + answer.mentions.length > 0 ? setDone(answer) : onForgotten()),
      fail,
    );
  };
  if (done) return <ForgottenDialog user={user} report={done} onClose={onForgotten} />;
  return (
    <Dialog title={`Forget ${user}?`} onClose={onClose}>
      {report ? <WhatGoes report={report} usage={usage} /> : !problem && <p class="muted">Counting …</p>}
      {problem && <p role="alert">That did not work. {problem}</p>}
      <form method="dialog" class="dialog-actions">
        <button type="submit">Keep them</button>
        <button type="button" class="danger" disabled={!report || isWorking} onClick={forget}>
          {isWorking ? 'Deleting …' : 'Delete for good'}
        </button>
      </form>
    </Dialog>
  );
}

interface WhatGoesProps extends Pick<ForgetDialogProps, 'usage'> {
  readonly report: ErasureReport;
}

function WhatGoes({ report, usage }: WhatGoesProps) {
  const { prompts, calls, feedback, events, conversations, ofOthers, forwarded } = report;
  const lines = [
    prompts > 0 && `${formatCount(prompts, 'prompt')} with ${prompts === 1 ? 'its answer' : 'their answers'}`,
    calls > 0 && formatCount(calls, 'call within turns', 'calls within turns'),
    feedback > 0 && formatCount(feedback, 'feedback or evaluation', 'feedbacks and evaluations'),
    events > 0 && formatCount(events, 'other event'),
  ].filter((line) => line !== false);
  return (
    <>
      {lines.length > 0 && (
        <p>This deletes{conversations > 0 && `, in ${formatCount(conversations, 'conversation')}`}:</p>
      )}
      <ul class="forget-list">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
        {lines.length === 0 && <li>No record is left of this person.</li>}
      </ul>
      {ofOthers > 0 && (
        <p>{formatCount(ofOthers, 'of them is', 'of them are')} by others, about these prompts.</p>
      )}
      <p>{deletedFrom(usage)}, cannot be had back, and do not come back when they are delivered again.</p>
      {forwarded.map(({ to, ids }) => (
        <p key={to}>
          <strong>{formatCount(ids.length, 'record')}</strong> went on to {to}, and must be deleted there.
          Their ids are listed afterwards.
        </p>
      ))}
      <Mentions mentions={report.mentions} />
    </>
  );
}

function ForgottenDialog({
  user,
  report,
  onClose,
}: {
  readonly user: string;
  readonly report: ErasureReport;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title={`${user} is forgotten here`} onClose={onClose}>
      {report.forwarded.map(({ to, ids }) => (
        <div key={to} class="forwarded-ids">
          <p>
            {formatCount(ids.length, 'record')} went on to {to}. Delete {ids.length === 1 ? 'it' : 'them'}{' '}
            there as well.
          </p>
          <CopyButton text={ids.join('\n')} label="ids" />
          <pre tabIndex={0}>{ids.join('\n')}</pre>
        </div>
      ))}
      <Mentions mentions={report.mentions} />
      <form method="dialog" class="dialog-actions">
        <button type="submit">Close</button>
      </form>
    </Dialog>
  );
}

const KINDS: Readonly<Record<string, string>> = {
  view: 'saved view',
  rule: 'alert',
  dataset: 'data set',
  state: 'review',
};

/** Documents that name the person, from which no rule can take the name. */
function Mentions({ mentions }: { readonly mentions: readonly DocumentMention[] }) {
  if (mentions.length === 0) return null;
  return (
    <>
      <p>
        {formatCount(
          mentions.length,
          'document names this person and stays',
          'documents name this person and stay',
        )}{' '}
        until somebody changes or deletes {mentions.length === 1 ? 'it' : 'them'}:
      </p>
      <ul class="forget-list">
        {mentions.map(({ kind, name }) => (
          <li key={`${kind} ${name}`}>
            {KINDS[kind] ?? kind} “{name}”
          </li>
        ))}
      </ul>
    </>
  );
}
