import { wholeRegex } from '@millrace/config';

/** The name of a user from the name in his certificate; undefined when no rule fits. */
export type PrincipalMapping = (distinguishedName: string) => string | undefined;

const RULE = /(DEFAULT)|RULE:((?:\\.|[^\\/])*)\/((?:\\.|[^\\/])*)\/([LU]?)|([^,\n]+)|([,\n])/gy;

/** `ssl.principal.mapping.rules`: the first rule whose pattern is the whole name gives the name. */
export function parsePrincipalMapping(
  rules: string,
): PrincipalMapping | { readonly problem: string } {
  const parsed: PrincipalMapping[] = [];
  const text = rules.trim();
  for (const match of text.matchAll(RULE)) {
    const [, isDefault, pattern, replacement = '', letters, rubbish] = match;
    if (isDefault !== undefined) parsed.push((name) => name);
    else if (pattern !== undefined) {
      const rule = ruleOf(pattern, replacement, letters ?? '');
      if (rule === undefined) return { problem: `"${pattern}" is no regular expression` };
      parsed.push(rule);
    } else if (rubbish !== undefined && rubbish.trim() !== '') {
      return {
        problem: `"${rubbish.trim()}" is no rule, expected RULE:pattern/replacement/[LU] or DEFAULT`,
      };
    }
  }
  if (parsed.length === 0) return (name) => name;
  return (name) => {
    for (const rule of parsed) {
      const mapped = rule(name);
      if (mapped !== undefined) return mapped;
    }
    return undefined;
  };
}

function ruleOf(
  pattern: string,
  replacement: string,
  letters: string,
): PrincipalMapping | undefined {
  let regex: RegExp;
  try {
    regex = wholeRegex(pattern);
  } catch {
    return undefined; // a SyntaxError, which the caller names
  }
  return (name) => {
    const match = regex.exec(name);
    if (match === null) return undefined;
    const mapped = replacement
      .replace(
        /\\(.)|\$(\d+)/g,
        (_whole, escaped: string | undefined, group: string | undefined) =>
          escaped ?? match[Number(group)] ?? '',
      )
      .trim();
    if (letters === 'L') return mapped.toLowerCase();
    return letters === 'U' ? mapped.toUpperCase() : mapped;
  };
}
