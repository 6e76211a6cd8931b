import type { Outcome } from './suite.ts';

const DETAIL_CHARS_MAX = 300;

/** Of `go test -json`: every test that has no tests in it. */
export function goOutcomes(output: string): readonly Outcome[] {
  const results = new Map<string, Outcome['result']>();
  const lines = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    if (!line.startsWith('{')) continue;
    // One event of Go's test2json.
    const event = JSON.parse(line) as { Action?: string; Test?: string; Output?: string };
    if (event.Test === undefined) continue;
    if (event.Action === 'run') results.set(event.Test, 'failed'); // until it says otherwise
    if (event.Action === 'pass') results.set(event.Test, 'passed');
    if (event.Action === 'skip') results.set(event.Test, 'skipped');
    if (
      event.Action === 'output' &&
      event.Output !== undefined &&
      !/^\s*(===|---)/.test(event.Output)
    ) {
      const texts = lines.get(event.Test) ?? [];
      texts.push(event.Output.trim());
      lines.set(event.Test, texts.slice(-5));
    }
  }
  const parents = new Set(
    [...results.keys()].flatMap((test) => {
      const parts = test.split('/');
      return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
    }),
  );
  return [...results]
    .filter(([test, result]) => !parents.has(test) || isLoneFailure(test, result, results))
    .map(([test, result]) => outcome(test, result, (lines.get(test) ?? []).join(' ')));
}

/** A test that failed although all the tests in it did not. */
function isLoneFailure(
  test: string,
  result: Outcome['result'],
  results: ReadonlyMap<string, Outcome['result']>,
): boolean {
  return (
    result === 'failed' &&
    ![...results].some(([name, other]) => name.startsWith(`${test}/`) && other === 'failed')
  );
}

/** Of a JUnit report, as pytest and others write it. */
export function junitOutcomes(xml: string): readonly Outcome[] {
  const cases = xml.matchAll(/<testcase\b([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g);
  return [...cases].map((match) => {
    const attributes = match[1] ?? '';
    const body = match[3] ?? '';
    const attribute = (name: string): string =>
      unescape(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '');
    const problem = /<(failure|error|skipped)\b[^>]*?message="([^"]*)"/.exec(body);
    const kind = /<(failure|error|skipped)\b/.exec(body)?.[1];
    const result = kind === undefined ? 'passed' : kind === 'skipped' ? 'skipped' : 'failed';
    const file = attribute('classname').split('.').at(-1) ?? '';
    return outcome(`${file}::${attribute('name')}`, result, unescape(problem?.[2] ?? ''));
  });
}

function unescape(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#10;', '\n')
    .replaceAll('&amp;', '&');
}

/** Of the TAP-like lines `ok NAME`, `not ok NAME # why`, `skip NAME # why` that our own programs print. */
export function lineOutcomes(output: string): readonly Outcome[] {
  return output.split('\n').flatMap((line) => {
    const match = /^(ok|not ok|skip) ([^#]+?)(?: # (.*))?$/.exec(line.trim());
    if (match === null) return [];
    const result = match[1] === 'ok' ? 'passed' : match[1] === 'skip' ? 'skipped' : 'failed';
    return [outcome(match[2] ?? '', result, match[3] ?? '')];
  });
}

export function outcome(test: string, result: Outcome['result'], detail: string): Outcome {
  const text = detail.replace(/\s+/g, ' ').trim().slice(0, DETAIL_CHARS_MAX);
  return { test, result, ...(result === 'passed' || text === '' ? {} : { detail: text }) };
}
