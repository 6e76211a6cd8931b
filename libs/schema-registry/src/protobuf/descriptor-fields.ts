/** A message of `descriptor.proto` as plain fields. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name];
  return Array.isArray(value) ? (value as readonly unknown[]).filter(isFields) : [];
}

export function namesOf(fields: Fields, name: string): readonly string[] {
  const value = fields[name];
  return Array.isArray(value)
    ? (value as readonly unknown[]).filter((each) => typeof each === 'string')
    : [];
}

/** Undefined for an empty text too. */
export function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberOf(fields: Fields, name: string): number {
  const value = fields[name];
  return typeof value === 'number' ? value : 0;
}
