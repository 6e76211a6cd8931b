import { badSchema } from '../errors.ts';
import { isObject, type Json, type JsonObject } from './json-schema-settings.ts';

/** A part of a schema, and the file that it stands in. */
export interface Place {
  readonly node: JsonObject;
  readonly root: JsonObject;
  /** Other files, by the names under which they are referred to. */
  readonly files: ReadonlyMap<string, JsonObject>;
}

/** Looks for `#/definitions/x`, `#name`, `other.json`, `other.json#/…`. */
export function findReferred(place: Place, reference: string): Place {
  const at = reference.indexOf('#');
  const file = at === -1 ? reference : reference.slice(0, at);
  const fragment = at === -1 ? '' : decodeURIComponent(reference.slice(at + 1));
  const root = file === '' || file === place.root['$id'] ? place.root : findFile(place, file);
  const node =
    fragment === '' || fragment.startsWith('/')
      ? follow(root, fragment)
      : findAnchor(root, fragment, 0);
  if (!isObject(node))
    throw badSchema(`the JSON Schema refers to "${reference}", which it does not have`);
  return { ...place, node, root };
}

function findFile({ files }: Place, name: string): JsonObject {
  const simple = name.slice(name.lastIndexOf('/') + 1);
  const found =
    files.get(name) ??
    [...files.values()].find((each) => each['$id'] === name) ??
    files.get(simple);
  if (found === undefined)
    throw badSchema(`the JSON Schema refers to "${name}", which is none of its references`);
  return found;
}

function follow(root: JsonObject, pointer: string): Json {
  let node: Json = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(node)) node = node[Number(key)];
    else if (isObject(node) && Object.hasOwn(node, key)) node = node[key];
    else return undefined;
  }
  return node;
}

/** INV-6: how deep an anchor may be. */
const DEPTH_MAX = 100;

function findAnchor(node: Json, anchor: string, depth: number): Json {
  if (depth > DEPTH_MAX || typeof node !== 'object' || node === null) return undefined;
  if (
    isObject(node) &&
    (node['$anchor'] === anchor || node['$id'] === `#${anchor}` || node['id'] === `#${anchor}`)
  )
    return node;
  for (const part of Object.values(node)) {
    const found = findAnchor(part, anchor, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
