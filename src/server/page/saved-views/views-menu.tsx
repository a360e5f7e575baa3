import { useEffect, useRef, useState } from 'preact/hooks';
import { pageSettings } from '../browser/page-settings.js';
import { toApiError } from '../data/api-error.js';
import { putDocument } from '../data/api.js';
import { SeenDocument } from '../data/seen-document.js';
import { useResource } from '../data/use-resource.js';
import { useSeenDocument } from '../data/use-seen-document.js';
import { Link } from '../parts/link.js';
import { Menu } from '../parts/menu.js';
import { FIRST_SCREEN, toSavedView, VIEW_KIND, type SavedView } from './saved-view.js';

interface ViewsMenuProps {
  readonly path: string;
  /** State of the address: filters, and all that a view keeps there. */
  readonly params: URLSearchParams;
}

/** Parameters that say what is open, and not what is looked at. */
const PASSING = ['record', 'open', 'reading'] as const;

/** Views that have a name: goes to one, saves what is shown, deletes one, and chooses the first screen. */
export function ViewsMenu(props: ViewsMenuProps) {
  const [isOpen, setOpen] = useState(false);
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const element = menu.current;
    const update = (): void => setOpen(element?.open === true);
    element?.addEventListener('toggle', update);
    return () => element?.removeEventListener('toggle', update);
  }, []);
  // Views are read when the menu is opened: most pages never need them.
  return (
    <Menu label="Saved views" menu={menu} kind="views">
      <div class="menu-body">{isOpen && <Views {...props} />}</div>
    </Menu>
  );
}

function Views({ path, params }: ViewsMenuProps) {
  const [problem, setProblem] = useState<string>();
  const { value, error, retry } = useResource('documents/view', '', 0);
  const views = value?.documents ?? [];
  const first = useFirstScreen(setProblem);
  // The version that was seen stays after a refusal, until the list is there again.
  const seen = useRef(new Map<string, SeenDocument>());
  const act = async (action: Promise<unknown>): Promise<void> => {
    try {
      await action;
      setProblem(undefined);
    } catch (refusal) {
      setProblem(toApiError(refusal).message);
    }
    // After a conflict as well: the next attempt is about what is stored now.
    first.reload();
    retry();
  };
  const change = (name: string, work: (view: SeenDocument) => Promise<void>): void => {
    const listed = views.find((view) => view.name === name);
    const document =
      seen.current.get(name) ??
      new SeenDocument({ kind: VIEW_KIND, name: listed ? name : '' }, listed?.version ?? 0, viewText);
    seen.current.set(name, document);
    void act(work(document).then(() => seen.current.delete(name)));
  };
  const save = (name: string): void => {
    const kept = new URLSearchParams(params);
    for (const passing of PASSING) kept.delete(passing);
    const shown = { path, query: kept.toString() };
    change(name, (view) => view.change((version) => putDocument(VIEW_KIND, name, shown, version), name));
  };
  const mayEdit = !pageSettings().mayNotEdit;
  return (
    <>
      {value && views.length === 0 && (
        <p class="muted">Save what this page shows, with its filters, under a name. There is no view yet.</p>
      )}
      <ul aria-label="Saved views">
        {views.map((view) => (
          <SavedViewRow
            key={view.name}
            name={view.name}
            view={toSavedView(view)}
            isFirst={view.name === first.name}
            mayEdit={mayEdit}
            {...(first.isRead && {
              onChooseFirst: (isChosen) => void act(first.choose(isChosen ? view.name : undefined)),
            })}
            onDelete={() => change(view.name, (document) => document.remove())}
          />
        ))}
      </ul>
      {(problem ?? error) !== undefined && <p role="alert">{problem ?? error?.message}</p>}
      {mayEdit && <SaveForm onSave={save} />}
    </>
  );
}

interface SavedViewRowProps {
  readonly name: string;
  /** Undefined if it cannot be read: it can be replaced and deleted. */
  readonly view: SavedView | undefined;
  readonly isFirst: boolean;
  readonly mayEdit: boolean;
  /** Undefined while the first screen is being read. */
  readonly onChooseFirst?: (isChosen: boolean) => void;
  readonly onDelete: () => void;
}

function SavedViewRow({ name, view, isFirst, mayEdit, onChooseFirst, onDelete }: SavedViewRowProps) {
  return (
    <li class="saved-view">
      {view ? (
        <Link href={view.query === '' ? view.path : `${view.path}?${view.query}`} title={name}>
          {name}
        </Link>
      ) : (
        <span class="muted">{name} (cannot be read)</span>
      )}
      {mayEdit && (
        <>
          {view && (
            <button
              type="button"
              class="quiet"
              aria-pressed={isFirst}
              aria-label={`First screen: ${name}`}
              title="Show it first"
              disabled={!onChooseFirst}
              onClick={() => onChooseFirst?.(!isFirst)}
            >
              {isFirst ? '★' : '☆'}
            </button>
          )}
          <button type="button" class="quiet" aria-label={`Delete view ${name}`} onClick={onDelete}>
            ×
          </button>
        </>
      )}
    </li>
  );
}

function SaveForm({ onSave }: { readonly onSave: (name: string) => void }) {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const name = new FormData(form).get('name');
    if (typeof name !== 'string' || name.trim() === '') return;
    form.reset();
    onSave(name.trim());
  };
  return (
    <form class="save-view" onSubmit={submit}>
      <input
        name="name"
        aria-label="Name of the view"
        placeholder="Name"
        autocomplete="off"
        maxLength={100}
        required
      />
      <button type="submit">Save this view</button>
    </form>
  );
}

/** Choice of the first screen, as the menu shows it. */
interface FirstScreen {
  /** Name of the view; undefined without one. */
  readonly name: string | undefined;
  /** False before the first answer. */
  readonly isRead: boolean;
  /** Chooses a view, or none. @throws ApiError with a sentence for the editor */
  readonly choose: (name: string | undefined) => Promise<void>;
  readonly reload: () => void;
}

function useFirstScreen(onProblem: (problem: string) => void): FirstScreen {
  const [name, setName] = useState<string>();
  const [isRead, setRead] = useState(false);
  const { seen, reload } = useSeenDocument(FIRST_SCREEN, {
    textOf: (value) => firstNameIn(value) ?? 'none',
    onLoaded: (stored) => {
      setName(firstNameIn(stored?.value));
      setRead(true);
      return undefined;
    },
    onProblem: (problem) => {
      setRead(true);
      onProblem(problem);
    },
  });
  const choose = async (view: string | undefined): Promise<void> => {
    const setting = await seen();
    if (view === undefined) return setting.remove();
    await setting.change((version) => putDocument(FIRST_SCREEN.kind, FIRST_SCREEN.name, { view }, version));
  };
  return { name, isRead, choose, reload };
}

function firstNameIn(value: unknown): string | undefined {
  const { view } = Object(value) as { readonly view?: unknown };
  return typeof view === 'string' ? view : undefined;
}

function viewText(value: unknown): string {
  const view = toSavedView({ name: '', value, version: 0 });
  return view ? `${view.path}?${view.query}` : JSON.stringify(value);
}
