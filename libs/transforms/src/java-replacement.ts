/** `$1` and `${name}` as Java's replacements have them; `\$` is a dollar. */
export function javaReplacement(replacement: string): string {
  return replacement.replace(
    /\\(.)|\$\{(\w+)\}|\$(?!\d)/g,
    (whole, escaped?: string, name?: string) => {
      if (escaped !== undefined) return escaped === '$' ? '$$' : escaped;
      return name === undefined ? `$${whole}` : `$<${name}>`;
    },
  );
}
