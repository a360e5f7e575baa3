const MEASURED =
  /(?:^|_)(?:tokens|count|score|latency|temperature|top_p|duration|amount|price|cost)$|^time_to_first_token$/;

/** Returns whether a number of a property of this name is measured, so that it is no user, card or phone that happens to be equal. */
export function isMeasuredName(name: string): boolean {
  return MEASURED.test(name);
}
