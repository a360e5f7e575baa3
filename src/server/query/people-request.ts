/** Unit that is counted: a person, an organization, or the value of another property. */
export type ActorKind = 'user' | 'organization' | { readonly property: string };

export const ACTIVITY_STEPS = ['day', 'week', 'month'] as const;

export type ActivityStep = (typeof ACTIVITY_STEPS)[number];

/** Asks who was active in each period. */
export interface ActivityRequest {
  /** Default `user`. */
  readonly by?: ActorKind;
  readonly step: ActivityStep;
  /** Number of periods, the latest ones. Default {@link DEFAULT_PERIODS}, at most {@link MAX_PERIODS}. */
  readonly limit?: number;
  /** IANA name. Default UTC. */
  readonly timeZone?: string;
}

/** A member counts in the weeks with a prompt, or also in all weeks before the last of them. */
export const RETENTION_MODES = ['in', 'in-or-after'] as const;

export type RetentionMode = (typeof RETENTION_MODES)[number];

/** Asks who came back in the weeks after the first prompt. */
export interface RetentionRequest {
  /** Default `user`. */
  readonly by?: ActorKind;
  /** Default `in`. */
  readonly mode?: RetentionMode;
  /** Number of cohorts, the latest ones. Default {@link DEFAULT_COHORTS}, at most {@link MAX_COHORTS}. */
  readonly limit?: number;
  /** IANA name. Default UTC. */
  readonly timeZone?: string;
}

export const DEFAULT_PERIODS = 30;
export const MAX_PERIODS = 400;
export const DEFAULT_COHORTS = 12;
export const MAX_COHORTS = 104;
