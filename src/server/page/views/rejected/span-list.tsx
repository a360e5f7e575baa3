import { useState } from 'preact/hooks';
import type { SpanOutcome } from '../../../../reading/advice/span-explanation.js';
import { useResource } from '../../data/use-resource.js';

/** Outcomes with which the call of a span is recorded: shown only when their reasons are chosen. */
const IS_FINE: Readonly<Record<SpanOutcome, boolean>> = {
  recorded: true,
  event: true,
  merged: true,
  held: false,
  skipped: false,
  dropped: false,
  no_call: false,
};

/** Spans that came over OTLP, with what became of them, by reason. */
export function SpanList({ changes }: { readonly changes: number }) {
  const [chosen, choose] = useState('');
  // The list above says why nothing can be loaded.
  const { value } = useResource('explain', chosen === '' ? 'limit=1000' : `reason=${chosen}`, changes);
  if (!value) return null;
  const counts = Object.entries(value.reasons).toSorted(([, a], [, b]) => b - a);
  if (counts.length === 0) return null;
  const spans = value.spans.filter(({ outcome }) => chosen !== '' || !IS_FINE[outcome]);
  return (
    <section class="table-box" tabIndex={0} role="region" aria-label="Spans">
      <h2 class="table-note">Spans</h2>
      <p class="table-note">
        <label>
          What became of the last spans that came over OTLP:{' '}
          <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
            <option value="">not recorded</option>
            {counts.map(([reason, count]) => (
              <option key={reason} value={reason}>
                {reason} ({count})
              </option>
            ))}
          </select>
        </label>
      </p>
      <table class="rejected">
        <thead>
          <tr>
            <th scope="col">Span</th>
            <th scope="col">Library</th>
            <th scope="col">Reason</th>
            <th scope="col">What to change</th>
          </tr>
        </thead>
        <tbody>
          {spans.map((span) => (
            <tr key={`${span.traceId}-${span.spanId}`}>
              <td>
                {span.name}
                {(span.count ?? 1) > 1 && <span class="muted"> and {(span.count ?? 1) - 1} more</span>}
              </td>
              <td class="muted">{span.scope}</td>
              <td>
                {span.explanation} <code class="muted">{span.reason}</code>
              </td>
              <td>{span.advice}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {spans.length === 0 && <p class="muted table-note">All of them are recorded.</p>}
    </section>
  );
}
