export { shippedPredicates, shippedTransforms } from './shipped-transforms.ts';
export { scriptTransform } from './script/script-transform.ts';
export { DraftPredicate, DraftTransform } from './draft/draft-transform.ts';
export { RecordDraft } from './draft/record-draft.ts';
