/** What every planted secret begins with; nothing else in a test has it. */
const MARK = 'pl4nted';

/** A secret that tells where it was put, and that is found again wherever it turns up. */
export function plant(where: string): string {
  return `${MARK}-${where}`;
}

const CONTEXT_CHARS = 160;

/** Each planted secret that stands in a text, with what is around it; Base64 of a whole secret counts too. */
export function secretsIn(text: string, planted: readonly string[]): readonly string[] {
  const encoded = planted.flatMap((secret) => Buffer.from(secret).toString('base64'));
  return [MARK, ...encoded].flatMap((wanted) => {
    const found = [];
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1))
      found.push(text.slice(Math.max(0, at - CONTEXT_CHARS), at + CONTEXT_CHARS));
    return found;
  });
}
