/** Answer of `POST /api/labels/rename`. */
export interface RenameAnswer {
  readonly from: string;
  readonly to: string;
  /** Prompts that have the new name now. */
  readonly changed: number;
  /** Prompts that still have the former one: the request can be repeated. */
  readonly left: number;
}
