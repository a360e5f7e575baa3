import { useEffect, useRef, useState } from 'preact/hooks';
import { pageSettings } from '../browser/page-settings.js';
import { toApiError } from '../data/api-error.js';
import { deleteDocument, getDocument, putDocument } from '../data/api.js';
import { SeenDocument } from '../data/seen-document.js';
import { useResource } from '../data/use-resource.js';
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
  const [changes, setChanges] = useState(0);
  const [problem, setProblem] = useState<string>();
  const { value, retry } = useResource('documents/view', '', 0);
  const first = useFirstScreen(changes);
  const views = (value?.documents ?? []).flatMap((document) => toSavedView(document) ?? []);
  const act = async (action: Promise<unknown>): Promise<void> => {
    try {
      await action;
      setProblem(undefined);
    } catch (error) {
      setProblem(toApiError(error).message);
    }
    // After a conflict as well: the next attempt is about what is stored now.
    setChanges(changes + 1);
    retry();
  };
  const seenView = (name: string): SeenDocument => {
    const version = views.find((view) => view.name === name)?.version ?? 0;
    return new SeenDocument({ kind: VIEW_KIND, name }, version, viewText);
  };
  const save = (name: string): void => {
    const kept = new URLSearchParams(params);
    for (const passing of PASSING) kept.delete(passing);
    const value = { path, query: kept.toString() };
    void act(seenView(name).change((version) => putDocument(VIEW_KIND, name, value, version)));
  };
  const mayEdit = !pageSettings().mayNotEdit;
  return (
    <>
      {views.length === 0 && (
        <p class="muted">Save what this page shows, with its filters, under a name. There is no view yet.</p>
      )}
      <ul aria-label="Saved views">
        {views.map((view) => (
          <SavedViewRow
            key={view.name}
            view={view}
            isFirst={view.name === first?.name}
            mayEdit={mayEdit}
            onChooseFirst={(isChosen) =>
              first && void act(chooseFirst(isChosen ? view.name : undefined, first))
            }
            onDelete={() =>
              void act(seenView(view.name).change((version) => deleteDocument(VIEW_KIND, view.name, version)))
            }
          />
        ))}
      </ul>
      {problem !== undefined && <p role="alert">{problem}</p>}
      {mayEdit && <SaveForm onSave={save} />}
    </>
  );
}

interface SavedViewRowProps {
  readonly view: SavedView;
  readonly isFirst: boolean;
  readonly mayEdit: boolean;
  readonly onChooseFirst: (isChosen: boolean) => void;
  readonly onDelete: () => void;
}

function SavedViewRow({ view, isFirst, mayEdit, onChooseFirst, onDelete }: SavedViewRowProps) {
  const { name, path, query } = view;
  return (
    <li class="saved-view">
      <Link href={query === '' ? path : `${path}?${query}`} title={name}>
        {name}
      </Link>
      {mayEdit && (
        <>
          <button
            type="button"
            class="quiet"
            aria-pressed={isFirst}
            aria-label={`First screen: ${name}`}
            title="Show it first"
            onClick={() => onChooseFirst(!isFirst)}
          >
            {isFirst ? '★' : '☆'}
          </button>
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

async function chooseFirst(name: string | undefined, first: FirstScreen): Promise<void> {
  const { kind, name: setting } = FIRST_SCREEN;
  await new SeenDocument(FIRST_SCREEN, first.version, (value) => firstNameIn(value) ?? 'none').change(
    async (version) => {
      if (name !== undefined) await putDocument(kind, setting, { view: name }, version);
      else if (version > 0) await deleteDocument(kind, setting, version);
    },
  );
}

/** Choice of the first screen, as the menu shows it. */
interface FirstScreen {
  /** Name of the view; undefined without one. */
  readonly name: string | undefined;
  readonly version: number;
}

/** Returns the view that is shown first; undefined while that is read, or if it cannot be. */
function useFirstScreen(changes: number): FirstScreen | undefined {
  const [first, setFirst] = useState<FirstScreen>();
  useEffect(() => {
    let isCurrent = true;
    const load = async (): Promise<void> => {
      const chosen = await readChoice();
      if (isCurrent) setFirst(chosen);
    };
    void load();
    return () => {
      isCurrent = false;
    };
  }, [changes]);
  return first;
}

async function readChoice(): Promise<FirstScreen | undefined> {
  try {
    const setting = await getDocument(FIRST_SCREEN.kind, FIRST_SCREEN.name);
    return { name: firstNameIn(setting?.value), version: setting?.version ?? 0 };
  } catch {
    return undefined;
  }
}

function firstNameIn(value: unknown): string | undefined {
  const { view } = Object(value) as { readonly view?: unknown };
  return typeof view === 'string' ? view : undefined;
}

function viewText(value: unknown): string {
  const view = toSavedView({ name: '', value, version: 0 });
  return view ? `${view.path}?${view.query}` : JSON.stringify(value);
}
