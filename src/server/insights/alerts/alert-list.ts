import type { PropertyValue } from '../../../records/model/prompt-record.js';
import type { AlertReading } from './alert-reading.js';
import type { AlertState } from './alert-state.js';

/** A rule with its state. */
export interface ListedRule extends Omit<AlertState, 'about'> {
  /** Name of the document. */
  readonly name: string;
  readonly title: string;
  /** Version of the document. */
  readonly version: number;
  /** Value of the document. */
  readonly value: PropertyValue;
  /** Why the rule cannot be read or measured; null if it can. */
  readonly problem: string | null;
  /** False for a rule that is paused, cannot be read, or is one too many. */
  readonly isEvaluated: boolean;
  /** Value that the rule measured within the last minute; null if it is not evaluated. */
  readonly reading: AlertReading | null;
}

/** Answer of `GET /api/alerts`. */
export interface AlertList {
  /** By name. */
  readonly rules: readonly ListedRule[];
  /** Hosts that are told of changes. */
  readonly webhooks: readonly string[];
  readonly evaluatedEveryMs: number;
}

/** Answer of `GET /api/alerts/preview`. */
export interface AlertPreview {
  /** The rule in words. */
  readonly text: string;
  readonly reading: AlertReading;
}
