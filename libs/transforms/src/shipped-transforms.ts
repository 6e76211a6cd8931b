import type { PredicatePlugin, TransformPlugin } from '@millrace/connector-api';
import { extractField } from './extract-field.ts';
import { extractNewRecordState } from './extract-new-record-state.ts';
import { insertField } from './insert-field.ts';
import { hasHeaderKey, recordIsTombstone, topicNameMatches } from './predicates.ts';
import { regexRouter } from './regex-router.ts';
import { replaceField } from './replace-field.ts';
import { dropHeaders, filter, hoistField } from './small-transforms.ts';
import { valueToKey } from './value-to-key.ts';

/** Every transform of this package. */
export const shippedTransforms: readonly TransformPlugin[] = [
  regexRouter,
  ...extractField,
  ...replaceField,
  ...insertField,
  ...hoistField,
  valueToKey,
  filter,
  dropHeaders,
  extractNewRecordState,
];

/** Every predicate of this package. */
export const shippedPredicates: readonly PredicatePlugin[] = [
  topicNameMatches,
  recordIsTombstone,
  hasHeaderKey,
];
