import type { Assignor } from './assignors/assignor.ts';
import { assignRanges } from './assignors/range.ts';
import { assignUniformly } from './assignors/uniform.ts';

/** The server assignors by the names that clients know (`group.consumer.assignors`). */
export const ASSIGNORS: ReadonlyMap<string, Assignor> = new Map([
  ['uniform', assignUniformly],
  ['range', assignRanges],
]);
