/** Returns the fields of the last document that a client sent, in Google's notation where notations differ. */
export function lastWritten(requests) {
  const { body } = requests.findLast(({ body }) => body?.fields ?? body?.writes);
  return normalised(body.fields ?? body.writes[0].update.fields);
}

function normalised(value) {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(normalised);
  return Object.fromEntries(
    Object.entries(value).map(([kind, content]) => {
      if (kind === 'nullValue') return [kind, 'NULL_VALUE'];
      if (kind === 'timestampValue') return [kind, toNanoseconds(content)];
      return [kind, normalised(content)];
    }),
  );
}

/** Pads a timestamp to nanoseconds: `2026-11-22T10:00:00.25Z` becomes `2026-11-22T10:00:00.250000000Z`. */
function toNanoseconds(timestamp) {
  const [seconds, fraction = ''] = timestamp.replace(/Z$/, '').split('.');
  return `${seconds}.${fraction.padEnd(9, '0')}Z`;
}
