import { checkInternalSetting } from '../../audience/internal-traffic.js';
import { checkOrganizationSetting } from '../../audience/organization-property.js';
import { checkTimeZoneSetting } from '../../audience/project-time-zone.js';
import { checkSegment } from '../../audience/segments.js';
import { checkTopic } from '../../audience/topics.js';
import { checkDataset } from '../../datasets/dataset.js';
import type { ValueChecks } from '../../documents/document-editor.js';
import { parseRule } from '../../insights/alerts/alert-rule.js';
import { checkCategories } from '../../insights/labels/categories.js';
import { checkReview } from '../../review/review-state.js';

/**
 * Checks of the documents that the server reads itself. A value that it could not read is refused when it is written: later, the segment,
 * rule or review would count as absent.
 */
export const VALUE_CHECKS: ValueChecks = {
  segment: checkSegment,
  topic: checkTopic,
  rule: parseRule,
  dataset: checkDataset,
  state: checkReview,
  setting: (name, value) => {
    checkInternalSetting(name, value);
    checkOrganizationSetting(name, value);
    checkTimeZoneSetting(name, value);
    checkCategories(name, value);
  },
};
