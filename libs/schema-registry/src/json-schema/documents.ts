import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../json/json.ts';
import { parseJson } from '../json/parse-json.ts';
import type { ResolvedReference } from '../parsed-schema.ts';

/** A place in a document that a `$ref` leads to. */
export interface Location {
  readonly document: SchemaDocument;
  readonly json: Json;
}

export interface SchemaDocument {
  readonly root: Json;
  /** The name by which it is referred to; empty for the schema itself. */
  readonly name: string;
  /** Its `$id`, if it has one. */
  readonly id: string | undefined;
}

/** Of a place that needs a base when it has none. */
const NO_BASE = 'mem://input/';

/** Nothing is fetched from the network: what is not registered as a reference is not there. */
export class SchemaDocuments {
  readonly root: SchemaDocument;
  readonly #referred: readonly SchemaDocument[];

  constructor(root: Json, resolved: readonly ResolvedReference[]) {
    this.root = documentOf(root, '');
    this.#referred = resolved.map(({ name, text }) =>
      documentOf(parseJson(text, { keepsDecimals: true }), name),
    );
  }

  /** @throws Error when it leads nowhere */
  find(ref: string, from: SchemaDocument): Location {
    const hash = ref.indexOf('#');
    const path = hash < 0 ? ref : ref.slice(0, hash);
    const fragment = hash < 0 ? '' : decode(ref.slice(hash + 1));
    const start = path === '' ? { document: from, json: from.root } : this.#document(path, from);
    if (start === undefined)
      throw new Error(
        `could not resolve $ref "${ref}": no reference has that name, and nothing is fetched from elsewhere`,
      );
    const json = fragment === '' ? start.json : findFragment(start.json, fragment);
    if (json === undefined) throw new Error(`could not resolve $ref "${ref}"`);
    return { document: start.document, json };
  }

  #document(path: string, from: SchemaDocument): Location | undefined {
    const absolute = resolveUri(path, from.id ?? NO_BASE + from.name);
    const names = [path, absolute, path.replace(/^\.\//, '')];
    for (const document of [...this.#referred, this.root]) {
      const own = [document.name, document.id, NO_BASE + document.name].filter(
        (name) => name !== undefined && name !== '' && name !== NO_BASE,
      );
      if (own.some((name) => name !== undefined && names.includes(name)))
        return { document, json: document.root };
    }
    if (/^https?:\/\/json-schema\.org\/draft/.test(path))
      return { document: documentOf(new Map(), path), json: new Map() };
    const inside = findById(from.root, names);
    return inside === undefined ? undefined : { document: from, json: inside };
  }
}

function documentOf(root: Json, name: string): SchemaDocument {
  const id = isJsonObject(root) ? (root.get('$id') ?? root.get('id')) : undefined;
  const text = typeof id === 'string' ? id.replace(/#$/, '') : undefined;
  return { root, name, id: text };
}

function resolveUri(path: string, base: string): string {
  try {
    return new URL(path, new URL(base, NO_BASE)).href;
  } catch {
    return path; // not a URI: only a name
  }
}

/** A JSON pointer, or the name of an anchor. */
function findFragment(root: Json, fragment: string): Json | undefined {
  if (!fragment.startsWith('/')) return findAnchor(root, fragment);
  let current: Json | undefined = root;
  const parts = fragment.slice(1).split('/');
  for (const [depth, part] of parts.entries()) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (isJsonArray(current)) current = current[Number(name)];
    else if (isJsonObject(current)) current = member(current, name, depth === 0);
    else return undefined;
    if (current === undefined) return undefined;
  }
  return current;
}

/** Either name of the definitions is found under the other one too, as Confluent has it. */
function member(json: JsonObject, name: string, isTop: boolean): Json | undefined {
  const exact = json.get(name);
  if (exact !== undefined || !isTop) return exact;
  if (name === '$defs') return json.get('definitions');
  return name === 'definitions' ? json.get('$defs') : undefined;
}

function findAnchor(root: Json, name: string): Json | undefined {
  return findObject(
    root,
    (json) =>
      json.get('$anchor') === name ||
      json.get('$dynamicAnchor') === name ||
      json.get('$id') === `#${name}` ||
      json.get('id') === `#${name}`,
  );
}

function findById(root: Json, ids: readonly string[]): Json | undefined {
  return findObject(root, (json) => {
    const id = json.get('$id') ?? json.get('id');
    return typeof id === 'string' && ids.includes(id.replace(/#$/, ''));
  });
}

function findObject(json: Json, matches: (json: JsonObject) => boolean): JsonObject | undefined {
  if (isJsonObject(json)) {
    if (matches(json)) return json;
    for (const inner of json.values()) {
      const found = findObject(inner, matches);
      if (found !== undefined) return found;
    }
  } else if (isJsonArray(json))
    for (const inner of json) {
      const found = findObject(inner, matches);
      if (found !== undefined) return found;
    }
  return undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not encoded as it should be: taken as it is
  }
}
