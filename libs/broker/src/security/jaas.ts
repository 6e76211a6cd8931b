/** One login module of a JAAS configuration: its class and its options. */
export interface JaasModule {
  readonly loginModule: string;
  readonly options: ReadonlyMap<string, string>;
}

const TOKEN = /\s*(?:"((?:\\[\s\S]|[^"\\])*)"|'((?:\\[\s\S]|[^'\\])*)'|([^\s=;"']+)|([=;]))/y;
const FLAGS: ReadonlySet<string> = new Set(['required', 'requisite', 'sufficient', 'optional']);

/**
 * Reads `CLASS required key="value" …;` as Java's login configuration is written. Answers what is wrong in words that
 * repeat nothing of the text, since it holds passwords.
 */
export function parseJaas(text: string): JaasModule | { readonly problem: string } {
  const tokens = tokensOf(text);
  if (tokens === undefined) return { problem: 'a quote without its end' };
  const [loginModule, flag, ...rest] = tokens;
  if (loginModule === undefined || loginModule.isMark) return { problem: 'no login module' };
  if (flag === undefined || !FLAGS.has(flag.text.toLowerCase()))
    return { problem: 'the login module must be followed by required' };
  if (rest.at(-1)?.text !== ';') return { problem: 'must end with a semicolon' };
  const options = new Map<string, string>();
  for (let index = 0; index < rest.length - 1; index += 3) {
    const [key, equals, value] = rest.slice(index, index + 3);
    if (key === undefined || key.isMark || equals?.text !== '=' || value === undefined)
      return { problem: 'options must be written as key="value"' };
    if (value.isMark) return { problem: `the option ${key.text} has no value` };
    options.set(key.text, value.text);
  }
  return { loginModule: loginModule.text, options };
}

interface Token {
  readonly text: string;
  /** A `=` or `;` outside of quotes. */
  readonly isMark: boolean;
}

function tokensOf(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const body = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < body.length) {
    const match = TOKEN.exec(body);
    if (match === null) return undefined;
    const [, double, single, bare, mark] = match;
    const quoted = double ?? single;
    tokens.push({
      text: quoted?.replace(/\\([\s\S])/g, '$1') ?? bare ?? mark ?? '',
      isMark: mark !== undefined,
    });
  }
  return tokens;
}
