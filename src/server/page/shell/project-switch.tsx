import { pageSettings } from '../browser/page-settings.js';

/** The project that is shown, and a choice of others. Filters stay behind: they name people and records of one project. */
export function ProjectSwitch({ path }: { readonly path: string }) {
  const { project, projects } = pageSettings();
  if (project === undefined) return <span class="muted wide">local</span>;
  if (Object.keys(projects).length < 2) return <span class="muted project">{project}</span>;
  return (
    <select
      class="project"
      aria-label="Project"
      value={project}
      onChange={({ currentTarget: { value } }) => location.assign((projects[value] ?? '') + path)}
    >
      {Object.keys(projects).map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}
