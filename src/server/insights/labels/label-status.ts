/** Answer of `GET /api/labels`. Numbers are of the prompts of the latest week, without internal traffic. */
export type LabelStatus =
  | { readonly isOn: false }
  | {
      readonly isOn: true;
      /** Host that texts are sent to. */
      readonly to: string;
      readonly model: string;
      readonly labelled: number;
      readonly failed: number;
      readonly waiting: number;
      /** Without a text, so that there is nothing to label. */
      readonly empty: number;
      /** Came with labels of the application. */
      readonly sent: number;
      /** Why the latest request of this server failed; null if it did not. */
      readonly problem: string | null;
    };
