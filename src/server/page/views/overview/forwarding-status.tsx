import type { DeliveryStats } from '../../../../delivery/model/delivery-stats.js';
import { formatCount, formatInteger } from '../../data/format.js';

const STATES: Readonly<Record<DeliveryStats['state'], string>> = {
  sending: 'Forwarding',
  probing: 'Forwarding: trying again',
  'backing-off': 'Forwarding: the other host does not answer',
  unauthorized: 'Forwarding: the other host refuses the key',
  'shut-down': 'Forwarding has ended',
};

/** State and counters of the delivery that forwards records to another host. */
export function ForwardingStatus({ stats }: { readonly stats: DeliveryStats }) {
  const dropped = Object.entries(stats.dropped).filter(([, count]) => count > 0);
  const waiting = stats.queued + stats.inFlight;
  return (
    <p class="card forwarding" data-state={dropped.length > 0 ? 'unauthorized' : stats.state}>
      <strong>{STATES[stats.state]}</strong>
      <span>{formatInteger(stats.delivered)} sent</span>
      {waiting > 0 && <span>{formatInteger(waiting)} waiting</span>}
      {dropped.map(([reason, count]) => (
        <span key={reason}>
          {formatCount(count, 'record')} lost ({reason.replaceAll('_', ' ')})
        </span>
      ))}
      {stats.state !== 'sending' && stats.lastError !== undefined && (
        <span class="muted">{stats.lastError}</span>
      )}
    </p>
  );
}
