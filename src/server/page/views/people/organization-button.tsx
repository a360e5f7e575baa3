import { useState } from 'preact/hooks';
import { ORGANIZATION_SETTING as SETTING } from '../../../model/measure/dimensions.js';
import { pageSettings, setOrganizationProperty } from '../../browser/page-settings.js';
import { toApiError } from '../../data/api-error.js';
import { putDocument } from '../../data/api.js';
import { useSeenDocument } from '../../data/use-seen-document.js';
import { Dialog } from '../../parts/dialog.js';

interface OrganizationButtonProps {
  readonly property: string;
  /** Called when the property names organizations. */
  readonly onChosen: () => void;
}

/** Makes the property the one that names organizations, everywhere, after it has asked. */
export function OrganizationButton(props: OrganizationButtonProps) {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <button type="button" class="quiet" onClick={() => setAsking(true)}>
        Count {props.property} as organizations, for everybody
      </button>
      {isAsking && <OrganizationDialog {...props} onClose={() => setAsking(false)} />}
    </>
  );
}

function OrganizationDialog({
  property,
  onChosen,
  onClose,
}: OrganizationButtonProps & { readonly onClose: () => void }) {
  const [problem, setProblem] = useState('');
  const [present, setPresent] = useState(pageSettings().organizationProperty);
  const { seen } = useSeenDocument(SETTING, {
    textOf,
    onLoaded: (stored) => {
      const text = stored ? textOf(stored.value) : present;
      setPresent(text);
      // The page may have been loaded long ago.
      return text === present ? undefined : `Since this page was loaded, it has changed. It is now: ${text}.`;
    },
    onProblem: setProblem,
  });
  const choose = async (): Promise<void> => {
    try {
      const document = await seen();
      await document.change((version) => putDocument(SETTING.kind, SETTING.name, { property }, version));
      setOrganizationProperty(property);
      onChosen();
    } catch (error) {
      setProblem(toApiError(error).message);
    }
  };
  return (
    <Dialog title={`Count ${property} as organizations?`} onClose={onClose}>
      <p>
        For everybody, in every view, report and alert, organizations are then the values of {property}{' '}
        instead of {present}, also in records that are there already. The records stay as they are, and{' '}
        {present} can be chosen again in the same way.
      </p>
      {problem !== '' && <p role="alert">{problem}</p>}
      <form method="dialog" class="dialog-actions">
        <button type="submit">Keep {present}</button>
        <button type="button" onClick={() => void choose()}>
          Count {property}
        </button>
      </form>
    </Dialog>
  );
}

function textOf(value: unknown): string {
  const { property } = Object(value) as { readonly property?: unknown };
  return typeof property === 'string' ? property : JSON.stringify(value);
}
