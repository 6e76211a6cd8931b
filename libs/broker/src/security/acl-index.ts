import type { AccessControlEntry } from '../metadata/security-image.ts';
import { AclPattern, WILDCARD } from './acl.ts';

interface OfType {
  readonly literal: Map<string, AccessControlEntry[]>;
  readonly prefixed: Map<string, AccessControlEntry[]>;
  /** The lengths that prefixes have, so that a name is looked up once for each. */
  readonly prefixLengths: Set<number>;
}

/** The entries by what they are about: a question costs as many look-ups as there are lengths of prefixes. */
export class AclIndex {
  readonly #byType = new Map<number, OfType>();

  constructor(entries: Iterable<AccessControlEntry>) {
    for (const entry of entries) {
      const ofType = this.#ofType(entry.resourceType);
      const isPrefix = entry.patternType === AclPattern.PREFIXED;
      const names = isPrefix ? ofType.prefixed : ofType.literal;
      if (isPrefix) ofType.prefixLengths.add(entry.resourceName.length);
      const known = names.get(entry.resourceName);
      if (known === undefined) names.set(entry.resourceName, [entry]);
      else known.push(entry);
    }
  }

  *matching(resourceType: number, name: string): Iterable<AccessControlEntry> {
    const ofType = this.#byType.get(resourceType);
    if (ofType === undefined) return;
    yield* ofType.literal.get(name) ?? [];
    if (name !== WILDCARD) yield* ofType.literal.get(WILDCARD) ?? [];
    for (const length of ofType.prefixLengths) {
      if (length <= name.length) yield* ofType.prefixed.get(name.slice(0, length)) ?? [];
    }
  }

  *ofType(resourceType: number): Iterable<AccessControlEntry> {
    const ofType = this.#byType.get(resourceType);
    if (ofType === undefined) return;
    for (const names of [ofType.literal, ofType.prefixed])
      for (const entries of names.values()) yield* entries;
  }

  #ofType(resourceType: number): OfType {
    const known = this.#byType.get(resourceType);
    if (known !== undefined) return known;
    const made: OfType = {
      literal: new Map(),
      prefixed: new Map(),
      prefixLengths: new Set(),
    };
    this.#byType.set(resourceType, made);
    return made;
  }
}
