import { tokenCounts } from '../../../model/measures.js';
import { isFailure, modelOf, type StoredRecord } from '../../../model/stored-record.js';
import { drillDownFromHere } from '../../browser/location.js';
import { formatInteger, formatSeconds } from '../../data/format.js';
import { numberProperty, textProperty } from '../../data/record-fields.js';
import { useResource } from '../../data/use-resource.js';
import { Link } from '../../parts/link.js';
import { LoadState } from '../../parts/load-state.js';

const MAX_SHOWN = 100;

/** Calls of a turn, if the application sent them too (`granularity: "both"`). */
export function TurnCalls({ record }: { readonly record: StoredRecord }) {
  const count = numberProperty(record, 'call_count') ?? 0;
  return count > 0 ? <CallTable turnId={record.id} /> : null;
}

function CallTable({ turnId }: { readonly turnId: string }) {
  const query = new URLSearchParams({ 'prop.turn_id': turnId, limit: String(MAX_SHOWN) });
  const { value, error, retry } = useResource('records', query.toString(), 0);
  if (!value) return error ? <LoadState error={error} onRetry={retry} /> : null;
  const calls = value.records.toReversed();
  if (calls.length === 0) return null;
  return (
    <section class="detail-section">
      <h3>Calls of this turn</h3>
      <div class="property-table" tabIndex={0} role="region" aria-label="Calls of this turn">
        <table>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col">Answer</th>
              <th scope="col" class="number">
                Latency
              </th>
              <th scope="col" class="number">
                Tokens
              </th>
            </tr>
          </thead>
          <tbody>
            {calls.map((call) => (
              <Call key={call.id} call={call} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Call({ call }: { readonly call: StoredRecord }) {
  const tokens = tokenCounts(call).total;
  const answer = isFailure(call) ? textProperty(call, 'error_type') : textProperty(call, 'generation');
  return (
    <tr>
      <td>
        <Link href={drillDownFromHere('/', { record: call.id })}>{modelOf(call) ?? 'unknown'}</Link>
      </td>
      <td class="call-answer" dir="auto">
        {answer}
      </td>
      <td class="number">{formatSeconds(numberProperty(call, 'latency'))}</td>
      <td class="number">{tokens === undefined ? '' : formatInteger(tokens)}</td>
    </tr>
  );
}
