import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { LocatedConfig } from './located-config.ts';
import { Locations } from './locations.ts';

export function locateYaml(text: string): LocatedConfig {
  const locations = new Locations();
  const lines = new LineCounter();
  // Keys that are there twice are reported by `Locations`, with the line of the first.
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
  });
  const lineOf = (position: number | undefined): number => lines.linePos(position ?? 0).line || 1;
  for (const { message, pos } of document.errors) locations.problem(lineOf(pos[0]), message);
  const visit = (path: readonly string[], node: unknown): void => {
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      const position = isScalar(key) ? key.range?.[0] : undefined;
      const line = lineOf(position);
      const inner = [...path, String(isScalar(key) ? key.value : key)];
      if (isMap(value)) {
        locations.section(inner, line);
        visit(inner, value);
      } else locations.add(inner, valueOf(value), line);
    }
  };
  if (document.errors.length > 0) return locations.found;
  if (isMap(document.contents)) visit([], document.contents);
  else locations.problem(1, 'an object of keys and values is expected');
  return locations.found;
  function valueOf(node: unknown): unknown {
    if (isScalar(node)) return node.value;
    if (isSeq(node)) return node.toJS(document);
    return node === null ? null : document.toJS();
  }
}
