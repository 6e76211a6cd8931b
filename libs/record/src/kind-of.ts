/** A value in messages: its kind, never its content. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value !== 'object') return typeof value;
  // Of the prototype: a field may be called `constructor` too.
  const prototype: unknown = Object.getPrototypeOf(value);
  const maker = typeof prototype === 'object' && prototype !== null && prototype.constructor;
  return typeof maker === 'function' ? maker.name : 'Object';
}
