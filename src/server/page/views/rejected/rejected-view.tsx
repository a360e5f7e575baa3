import type { Rejection } from '../../../model/intake/rejections.js';
import { pageSettings } from '../../browser/page-settings.js';
import { formatFullTime, formatTime } from '../../data/format.js';
import { useResource } from '../../data/use-resource.js';
import { LoadState } from '../../parts/load-state.js';
import type { ViewProps } from '../view-props.js';
import { SpanList } from './span-list.js';

const OF_ONE_SERVER =
  ' These are the requests to the server that answers; the log and the metrics of all servers have them all.';

/** Input that became no record: refused requests, and spans, each with the reason and the advice. */
export function RejectedView({ feed: { changes } }: ViewProps) {
  return (
    <>
      <RefusedRequests changes={changes} />
      <SpanList changes={changes} />
    </>
  );
}

function RefusedRequests({ changes }: { readonly changes: number }) {
  const { value: response, error, retry } = useResource('rejections', '', changes);
  if (!response) return <LoadState error={error} onRetry={retry} />;
  if (response.rejections.length === 0)
    return (
      <div class="message">
        <h2>Nothing was refused</h2>
        <p class="muted">
          {isOfTeam()
            ? 'Requests with a wrong field are listed here, with the reason.'
            : 'Requests with a missing key or a wrong field are listed here, with the reason.'}
          {isOfTeam() && OF_ONE_SERVER}
        </p>
      </div>
    );
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="Refused requests">
      <table class="rejected">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col" class="number">
              Status
            </th>
            <th scope="col">Request</th>
            <th scope="col">Reason</th>
          </tr>
        </thead>
        <tbody>
          {response.rejections.map((rejection) => (
            <tr key={rejection.id}>
              <td class="muted number-left" title={formatFullTime(rejection.at)}>
                {formatTime(rejection.at)}
              </td>
              <td class="number">{rejection.status}</td>
              <td>
                {rejection.path.replace('/api/ingestion', '')}
                <div class="muted">{rejection.userAgent}</div>
              </td>
              <td>
                <Reasons detail={rejection.detail} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {isOfTeam() && <p class="muted table-note">{OF_ONE_SERVER}</p>}
    </div>
  );
}

function isOfTeam(): boolean {
  return pageSettings().project !== undefined;
}

function Reasons({ detail }: { readonly detail: Rejection['detail'] }) {
  if (typeof detail === 'string') return <>{detail}</>;
  return (
    <ul class="reasons">
      {detail.map((error) => (
        <li key={error.loc.join('.')}>
          <code>{error.loc.slice(1).join('.') || 'body'}</code> {error.msg}
          {error.type !== 'missing' && <code class="muted">{JSON.stringify(error.input)}</code>}
        </li>
      ))}
    </ul>
  );
}
