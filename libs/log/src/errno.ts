/** The errno name of a file system error, '' for anything else. Not by `instanceof`: errors may come from another realm. */
export function errnoOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
