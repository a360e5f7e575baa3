import { useState } from 'preact/hooks';
import { tokenCounts, toLatency, toNumber } from '../../../model/measures.js';
import { isFailure, modelOf, type StoredRecord } from '../../../model/stored-record.js';
import { drillDownFromHere } from '../../browser/location.js';
import { useNewRowFocus } from '../../browser/use-new-row-focus.js';
import { formatInteger, formatSeconds } from '../../data/format.js';
import { textProperty } from '../../data/record-fields.js';
import { useResource } from '../../data/use-resource.js';
import { Link } from '../../parts/link.js';
import { timelineOf, type Step } from './timeline.js';
import { MAX_ROWS, MoreRows } from '../../parts/more-rows.js';
import { LoadState } from '../../parts/load-state.js';

/** Calls that are shown at first. */
const SHOWN = 100;

/** Calls of a turn, if the application sent them too (`granularity: "both"`). */
export function TurnCalls({ record, changes }: TurnCallsProps) {
  const count = toNumber(record.properties['call_count']) ?? 0;
  return count > 0 ? <CallTable key={record.id} turnId={record.id} changes={changes} /> : null;
}

interface TurnCallsProps {
  readonly record: StoredRecord;
  /** Changes when records have arrived, which may be calls of this turn. */
  readonly changes: number;
}

function CallTable({ turnId, changes }: { readonly turnId: string; readonly changes: number }) {
  const [limit, setLimit] = useState(SHOWN);
  const query = new URLSearchParams({ 'prop.turn_id': turnId, order: 'time', limit: String(limit) });
  const { value, error, retry } = useResource('records', query.toString(), changes);
  const [list, withFocus] = useNewRowFocus<HTMLTableSectionElement>('first');
  if (!value) return error ? <LoadState error={error} onRetry={retry} /> : null;
  const calls = value.records.toReversed();
  if (calls.length === 0) return null;
  const steps = timelineOf(calls);
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
              <th scope="col">Timeline</th>
            </tr>
          </thead>
          <tbody ref={list}>
            {calls.map((call, index) => (
              <Call key={call.id} call={call} step={steps[index]} />
            ))}
          </tbody>
        </table>
      </div>
      <MoreRows shown={calls.length} total={value.total} onMore={withFocus(() => setLimit(MAX_ROWS))} />
    </section>
  );
}

interface CallProps {
  readonly call: StoredRecord;
  readonly step: Step | undefined;
}

function Call({ call, step }: CallProps) {
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
      <td class="number">{formatSeconds(toLatency(call.properties['latency']))}</td>
      <td class="number">{tokens === undefined ? '' : formatInteger(tokens)}</td>
      <td>{step && <StepBar step={step} />}</td>
    </tr>
  );
}

/** When a step ran, as a bar within the time of the turn. The offset and the latency say the same in words. */
function StepBar({ step: { offset, start, length } }: { readonly step: Step }) {
  return (
    <span class="step">
      <span class="step-track" aria-hidden="true">
        <i style={{ marginInlineStart: `${100 * start}%`, width: `${100 * length}%` }} />
      </span>
      <span class="muted number">
        <span class="visually-hidden">begins after </span>+{formatSeconds(offset)}
      </span>
    </span>
  );
}
