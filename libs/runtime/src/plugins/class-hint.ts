/** Debezium's transforms that run scripts of the JVM. */
const SCRIPTING: ReadonlySet<string> = new Set([
  'io.debezium.transforms.Filter',
  'io.debezium.transforms.ContentBasedRouter',
]);

/** What to do about a class that is not there; undefined when nobody knows. */
export function classHint(className: string, nearest: string | undefined): string | undefined {
  if (SCRIPTING.has(className))
    return 'Its scripts need a JVM: write the condition in JavaScript for the transform "script".';
  return nearest === undefined ? undefined : `Did you mean ${nearest}?`;
}
