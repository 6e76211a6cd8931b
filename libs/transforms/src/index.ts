export { shippedPredicates, shippedTransforms } from './shipped-transforms.ts';
export { scriptTransform } from './script/script-transform.ts';
