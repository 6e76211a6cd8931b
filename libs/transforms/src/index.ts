export { shippedPredicates, shippedTransforms } from './shipped-transforms.ts';
