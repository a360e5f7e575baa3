import type { ListedRule } from '../../../insights/alerts/alert-list.js';
import {
  measureAndDimension,
  type AlertChange,
  type AlertPost,
} from '../../../insights/alerts/alert-state.js';
import { subjectText, readingText } from '../../../insights/alerts/alert-texts.js';
import { formatFullTime, formatTime } from '../../data/format.js';
import { toFields } from './rule-fields.js';

/** Changes of state, the latest first, and the targets that were told. */
export function RuleHistory({ rule: { history, value, title } }: { readonly rule: ListedRule }) {
  const { measure } = toFields(value);
  return (
    <details class="alert-history">
      <summary>History ({history.length})</summary>
      <div class="alert-table" tabIndex={0} role="region" aria-label={`History of ${title}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Changes</th>
              <th scope="col">Told</th>
            </tr>
          </thead>
          <tbody>
            {history.map(({ id, at, about, changes, more, posts }) => (
              <tr key={id}>
                <td title={formatFullTime(at)}>{formatTime(at)}</td>
                <td>
                  {changes.map((change) => (
                    <div key={subjectText(change)}>{changeText(measureOf(about) ?? measure, change)}</div>
                  ))}
                  {changes.length === 0 && <span class="muted">forgotten</span>}
                  {more > 0 && <div class="muted">… and {more} more</div>}
                </td>
                <td>
                  {posts.length === 0 && <span class="muted">nobody</span>}
                  {posts.map((post) => (
                    <div key={post.target}>{postText(post)}</div>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** Returns the measure of an entry, if the rule has had another one since. */
function measureOf(about: string | undefined): string | undefined {
  return about === undefined ? undefined : measureAndDimension(about)[0];
}

function changeText(measure: string, change: AlertChange): string {
  const name = subjectText(change);
  const value = change.isTooLittle === true ? 'too little to say' : readingText(measure, change);
  return `${change.to === 'ok' ? 'OK' : 'Alerting'}: ${name === '' ? '' : `${name}, `}${value}`;
}

function postText({ host, status, attempts, problem }: AlertPost): string {
  if (status === 'posted') return host;
  const reason = problem === undefined ? '' : ` (${problem})`;
  if (status === 'failed') return `${host}: given up after ${attempts} attempts${reason}`;
  return attempts === 0 ? `${host}: waits` : `${host}: attempt ${attempts + 1} waits${reason}`;
}
