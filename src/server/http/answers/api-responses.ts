import type { InternalCount } from '../../audience/hidden-count.js';
import type { InternalRule } from '../../audience/internal-traffic.js';
import type { OrganizationList } from '../../audience/organizations.js';
import type { Segment } from '../../audience/segments.js';
import type { AlertList, AlertPreview } from '../../insights/alerts/alert-list.js';
import type { LabelStatus } from '../../insights/labels/label-status.js';
import type { PartialSummary } from '../../insights/summary/summary.js';
import type { TopicResponse } from '../../insights/topics/topic-summary.js';
import type { ComparedActivity, ComparedRetention } from '../../insights/compare/compare-people.js';
import type { DeliveryStats } from '../../../delivery/model/delivery-stats.js';
import type { IntakeStatus } from '../../model/intake/intake-status.js';
import type { RecordList, ThreadList, UserList } from '../../model/lists.js';
import type { Activity } from '../../model/people/activity.js';
import type { Retention } from '../../model/people/retention.js';
import type { Statistics } from '../../model/statistics.js';
import type { PricesInfo } from '../../model/cost.js';
import type { Rejection } from '../../model/intake/rejections.js';
import type { PersonTimeline } from './person-timeline.js';
import type { ExplainResponse } from './explained-spans.js';
import type { StoreUsage } from '../../engines/record-store.js';
import type { CompareResponse } from './compare-response.js';
import type { MeasureResponse } from './measure-response.js';
import type { DatasetSummary } from '../../datasets/dataset-page.js';
import type { ConversationList } from '../../review/list-conversations.js';
import type { ReviewResponse } from './review-response.js';
import type { Hono } from 'hono';

/** Bodies of answers that the page reads, by the path of their route below `/api`. Routes answer with {@link answerWith}, so that they have this type. */
export interface ApiResponses {
  measure: MeasureResponse;
  compare: CompareResponse;
  summary: PartialSummary;
  records: RecordList;
  users: UserList;
  person: PersonTimeline;
  threads: ThreadList;
  stats: Statistics & {
    readonly store: StoreUsage;
    readonly forwarding: DeliveryStats | null;
    readonly intake: IntakeStatus;
    readonly prices: PricesInfo;
  };
  intake: IntakeStatus;
  activity: Activity | ComparedActivity;
  retention: Retention | ComparedRetention;
  organizations: OrganizationList;
  internal: InternalCount & { readonly rule: Omit<InternalRule, 'queries'> };
  'documents/view': {
    readonly documents: readonly {
      readonly name: string;
      readonly value: unknown;
      readonly version: number;
    }[];
  };
  segments: { readonly segments: readonly Segment[] };
  review: ReviewResponse;
  'review/conversations': ConversationList;
  datasets: { readonly datasets: readonly DatasetSummary[] };
  topics: TopicResponse;
  alerts: AlertList;
  'alerts/preview': AlertPreview;
  labels: LabelStatus;
  explain: ExplainResponse;
  rejections: { readonly rejections: readonly Rejection[]; readonly total: number };
}

export type Resource = keyof ApiResponses;
export type ApiResponse<R extends Resource> = ApiResponses[R];

/** Adds the route of a resource. */
export function answerWith<R extends Resource>(
  app: Hono,
  resource: R,
  answer: (params: URLSearchParams) => ApiResponses[R] | Promise<ApiResponses[R]>,
): void {
  app.get(`/${resource}`, async (c) => c.json<unknown>(await answer(new URL(c.req.url).searchParams)));
}
