/** One rule of `response.http.headers.config`. */
export interface HeaderRule {
  readonly action: 'set' | 'add' | 'setDate' | 'addDate';
  readonly name: string;
  readonly value: string;
}

const RULE = /^(?<action>set|add|setDate|addDate) +(?<name>[^ :,]+) *: *(?<value>.*)$/;

/**
 * Rules such as `add Cache-Control: no-cache, set X-Frame-Options: DENY`; an entry with commas inside stands in
 * double quotes. The value of a date rule is milliseconds since the epoch.
 * @returns the rules, or what is wrong
 */
export function parseHeaderRules(
  text: string,
): readonly HeaderRule[] | { readonly problem: string } {
  const rules: HeaderRule[] = [];
  for (const quoted of text.match(/"[^"]*"|[^",]+/g) ?? []) {
    const entry = quoted.replaceAll('"', '').trim();
    if (entry === '') continue;
    const { action, name, value } = RULE.exec(entry)?.groups ?? {};
    if (name === undefined || value === undefined || !isAction(action))
      return { problem: `"${entry}" is not of the form "[set|add|setDate|addDate] name: value"` };
    const isDate = action.endsWith('Date');
    if (isDate && !/^-?\d+$/.test(value))
      return { problem: `"${value}" is not a time in milliseconds` };
    rules.push({ action, name, value: isDate ? new Date(Number(value)).toUTCString() : value });
  }
  return rules;
}

function isAction(text: string | undefined): text is HeaderRule['action'] {
  return text === 'set' || text === 'add' || text === 'setDate' || text === 'addDate';
}
