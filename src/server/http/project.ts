import type { Hono } from 'hono';
import { withTimeout } from '../../common/with-timeout.js';
import { readOrganizationProperty } from '../audience/organization-property.js';
import { readTimeZoneSetting, type TimeZoneSetting } from '../audience/project-time-zone.js';
import type { RecordStore } from '../engines/record-store.js';
import type { Forwarding } from '../ingest/forwarding.js';
import type { JoinMemory } from '../ingest/otlp/joining/span-buffer.js';
import type { LiveUpdates } from '../live/live-updates.js';
import type { IntakeStatus } from '../model/intake/intake-status.js';
import type { Rejection } from '../model/intake/rejections.js';
import { BackgroundWork } from './background-work.js';
import type { ProjectOptions } from './project-options.js';
import { createProjectParts } from './project-parts.js';
import { projectRoutes } from './project-routes.js';

/** Time that a page waits for a setting of its store. */
const MAX_SETTING_MS = 1000;

const UNREAD: TimeZoneSetting = { timeZone: undefined, isUnread: true };

/** The records of one application or team, and everything that takes them in and shows them. One server can have several. */
export interface Project {
  readonly store: RecordStore;
  /** Returns the property that names organizations; if the store fails, the one of the options. */
  readonly organizationProperty: () => Promise<string | undefined>;
  readonly timeZone: () => Promise<TimeZoneSetting>;
  readonly live: LiveUpdates;
  readonly forwarding: Forwarding | undefined;
  /** Routes of ingestion and of the JSON API, without any guard. */
  readonly routes: Hono;
  readonly status: () => IntakeStatus;
  readonly joinMemory: () => JoinMemory;
  /** Returns the number of records of other servers that late facts have completed or removed. */
  readonly completedByLateFacts: () => number;
  /** Notes a request that was refused. */
  readonly reject: (refused: Omit<Rejection, 'id'>) => void;
  /** Ends all live streams, forwards what is left (10 s at most), and closes the store. */
  close(): Promise<void>;
}

/** @throws TypeError if `forwardTo` is wrong */
export function createProject(options: ProjectOptions): Project {
  const parts = createProjectParts(options);
  const { store, live, forwarding, ages, traces, late, content, alerts, labelling, status, reject } = parts;
  const background = new BackgroundWork([alerts, ...(labelling ? [labelling] : [])]);
  ages.schedule();
  return {
    store: options.store,
    organizationProperty: () =>
      settingOf(
        () => readOrganizationProperty(store.documents, options.organizationProperty),
        options.organizationProperty,
      ),
    timeZone: () => settingOf(() => readTimeZoneSetting(store.documents), UNREAD),
    live,
    forwarding,
    routes: projectRoutes(parts, options),
    status,
    joinMemory: () => traces.usage(),
    completedByLateFacts: () => late.completed + content.joined,
    reject,
    async close() {
      live.close();
      await ages.close();
      await late.close();
      await content.close();
      await background.close();
      await forwarding?.close();
      await store.close();
    },
  };
}

/** Returns a setting of the store, or `given` if the store does not answer: the page is shown all the same. */
async function settingOf<Setting>(read: () => Promise<Setting>, given: Setting): Promise<Setting> {
  let setting = given;
  await withTimeout(async () => {
    setting = await read();
  }, MAX_SETTING_MS);
  return setting;
}
