import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import type { LocatedConfig } from './located-config.ts';
import { Locations } from './locations.ts';

/** INV-6: aliases can make a small file a large one; no configuration needs as many. */
const ALIASES_MAX = 100;

export function locateYaml(text: string): LocatedConfig {
  return new YamlReader(text).read();
}

class YamlReader {
  readonly #lines = new LineCounter();
  readonly #locations = new Locations();
  readonly #document: Document.Parsed;
  #aliases = 0;

  constructor(text: string) {
    // Keys that are there twice are reported by `Locations`, with the line of the first.
    const options = { lineCounter: this.#lines, uniqueKeys: false, prettyErrors: false };
    this.#document = parseDocument(text, { ...options, logLevel: 'silent' });
  }

  read(): LocatedConfig {
    const { contents, errors, warnings } = this.#document;
    for (const { message, pos } of errors)
      this.#locations.problem(this.#lineOf(pos[0]), withoutSource(message));
    for (const { code, pos } of warnings)
      this.#locations.problem(
        this.#lineOf(pos[0]),
        code === 'TAG_RESOLVE_FAILED'
          ? 'a value that begins with "!" is a tag, which is not known; text belongs in quotes'
          : `YAML would be read in another way than it is meant (${code})`,
      );
    if (errors.length > 0) return this.#locations.found;
    if (isMap(contents)) this.#visit([], contents);
    else this.#locations.problem(1, 'an object of keys and values is expected');
    return this.#locations.found;
  }

  #visit(path: readonly string[], node: unknown): void {
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      const line = this.#lineOf(isScalar(key) ? key.range?.[0] : undefined);
      const inner = [...path, String(isScalar(key) ? key.value : key)];
      const target = this.#target(value, inner, line);
      if (isMap(target)) {
        this.#locations.section(inner, line);
        this.#visit(inner, target);
      } else if (isScalar(target)) this.#locations.add(inner, target.value, line);
      else if (isSeq(target))
        this.#locations.add(inner, this.#listOf(target.items, inner, line), line);
      else if (target === null) this.#locations.add(inner, null, line);
    }
  }

  /** What an alias stands for. */
  #target(node: unknown, path: readonly string[], line: number): unknown {
    if (!isAlias(node)) return node;
    const target = node.resolve(this.#document);
    if (target !== undefined && ++this.#aliases <= ALIASES_MAX) return target;
    this.#locations.problem(
      line,
      target === undefined
        ? `the value of "${path.join('.')}" begins with "*" and so is an alias, for which there is no anchor; text belongs in quotes`
        : `there are more than ${ALIASES_MAX} aliases`,
    );
    return undefined;
  }

  /** Maps in lists have no keys of a configuration: `null` is refused by who knows what a list may hold. */
  #listOf(items: readonly unknown[], path: readonly string[], line: number): readonly unknown[] {
    return items.map((item) => {
      const target = this.#target(item, path, line);
      return isScalar(target) ? target.value : null;
    });
  }

  #lineOf(position: number | undefined): number {
    return this.#lines.linePos(position ?? 0).line || 1;
  }
}

/** What stands in quotes in a message may be a value, and a secret. */
function withoutSource(message: string): string {
  return message.replace(/"[^"]{3,}"/g, '"…"');
}
