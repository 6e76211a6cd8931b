/** Parts the columns of a key; the servers join it likewise. */
const SEPARATOR = '\u001f';
const ESCAPE = '\u001e';

/** The key of a row as one text; no two keys have the same. */
export function joinedKey(parts: readonly (string | null)[]): string {
  if (parts.length === 1) return parts[0] ?? '';
  return parts
    .map((part) =>
      (part ?? '').replaceAll(ESCAPE, `${ESCAPE}e`).replaceAll(SEPARATOR, `${ESCAPE}s`),
    )
    .join(SEPARATOR);
}

export function partsOfKey(key: string, count: number): readonly string[] {
  if (count === 1) return [key];
  return key
    .split(SEPARATOR)
    .map((part) => part.replaceAll(`${ESCAPE}s`, SEPARATOR).replaceAll(`${ESCAPE}e`, ESCAPE));
}
