import { useState } from 'preact/hooks';
import { TIME_ZONE_SETTING as SETTING, zoneClock } from '../../../model/time-zone.js';
import { pageSettings } from '../../browser/page-settings.js';
import { timeZone } from '../../browser/time-zone.js';
import { toApiError } from '../../data/api-error.js';
import { putDocument } from '../../data/api.js';
import type { SeenDocument } from '../../data/seen-document.js';
import { useSeenDocument } from '../../data/use-seen-document.js';
import { Dialog } from '../../parts/dialog.js';

/** Says the time zone of days and times, and lets editors give the project one. */
export function TimeZoneNote() {
  const [isChanging, setChanging] = useState(false);
  return (
    <>
      <p class="muted">
        Days and times in {timeZone()}, {originText()}.{' '}
        {!pageSettings().mayNotEdit && (
          <button type="button" class="quiet" onClick={() => setChanging(true)}>
            Change the time zone
          </button>
        )}
      </p>
      {isChanging && <TimeZoneDialog onClose={() => setChanging(false)} />}
    </>
  );
}

const NONE = 'that of each reader';

function originText(): string {
  const { timeZone: ofProject, isTimeZoneUnread } = pageSettings();
  if (isTimeZoneUnread) return 'because the time zone of the project could not be read';
  return ofProject === undefined ? 'that of this browser' : 'for everybody';
}

function textOf(value: unknown): string {
  const { timeZone: stored } = Object(value) as { readonly timeZone?: unknown };
  return typeof stored === 'string' ? stored : JSON.stringify(value);
}

/** Says what is stored if the page, which may have been loaded long ago, shows something else. */
function newsOf(stored: string | undefined): string | undefined {
  const { timeZone: shown, isTimeZoneUnread } = pageSettings();
  if (stored === shown) return undefined;
  const past = isTimeZoneUnread
    ? 'When this page was loaded, it could not be read'
    : 'Since this page was loaded, it has changed';
  return `${past}. It is now: ${stored ?? NONE}.`;
}

function TimeZoneDialog({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState(timeZone());
  const [problem, setProblem] = useState('');
  const [isSet, setSet] = useState(pageSettings().timeZone !== undefined);
  const { seen } = useSeenDocument(SETTING, {
    textOf,
    onLoaded: (stored) => {
      setSet(stored !== undefined);
      return newsOf(stored && textOf(stored.value));
    },
    onProblem: setProblem,
  });
  const change = async (work: (seen: SeenDocument) => Promise<void>): Promise<void> => {
    try {
      await work(await seen());
      // All views have numbers by day: the server writes the setting into the page.
      location.reload();
    } catch (error) {
      setProblem(toApiError(error).message);
    }
  };
  const choose = async (): Promise<void> => {
    if (zoneClock(name))
      await change((document) =>
        document.change((version) => putDocument(SETTING.kind, SETTING.name, { timeZone: name }, version)),
      );
    else setProblem(`There is no time zone “${name}”: names are such as Europe/Berlin.`);
  };
  return (
    <Dialog title="One time zone for everybody" onClose={onClose}>
      <p>
        Days, weeks and months of all readers, of reports and of assistants begin in this time zone. Without
        one, they are those of each reader.
      </p>
      <form
        class="dialog-actions"
        onSubmit={(event) => {
          event.preventDefault();
          void choose();
        }}
      >
        <input
          aria-label="Time zone"
          list="time-zones"
          autocomplete="off"
          required
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <datalist id="time-zones">
          {Intl.supportedValuesOf('timeZone').map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
        <button type="submit">Use for everybody</button>
        {isSet && (
          <button type="button" onClick={() => void change((document) => document.remove())}>
            Use that of each reader
          </button>
        )}
      </form>
      {problem !== '' && <p role="alert">{problem}</p>}
    </Dialog>
  );
}
