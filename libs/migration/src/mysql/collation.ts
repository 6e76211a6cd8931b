/** The nearest collation that the other product has. */
export function carriedCollation(
  collation: string,
  target: 'postgres' | 'mysql' | 'mariadb',
): string {
  if (target === 'mariadb') {
    if (collation === 'utf8mb4_0900_bin') return 'utf8mb4_nopad_bin';
    if (/^utf8mb4_0900_as_cs/.test(collation)) return 'utf8mb4_nopad_bin';
    if (/^utf8mb4_.*0900/.test(collation)) return 'utf8mb4_unicode_520_nopad_ci';
    return collation;
  }
  if (/^utf8mb4_uca1400|^utf8mb4_.*_uca1400/.test(collation)) return 'utf8mb4_0900_ai_ci';
  if (collation === 'utf8mb4_nopad_bin') return 'utf8mb4_0900_bin';
  if (/^utf8mb4_.*nopad/.test(collation)) return 'utf8mb4_0900_ai_ci';
  return collation;
}
