/** Stands in place of a text that was erased because it was old. */
export function TextErased() {
  return <span class="muted">text erased</span>;
}
