import { assert } from '@millrace/foundation';
import { gtidSetUnreadable } from '../errors.ts';
import type { GtidSet } from './gtid-set.ts';

interface Place {
  readonly domain: number;
  readonly server: number;
  readonly sequence: bigint;
}

const GTID = /^(\d{1,10})-(\d{1,10})-(\d{1,20})$/;

/**
 * A position: of each domain the last transaction; all of a lower sequence were executed before. Which server executed
 * it is told and never compared, as after a fail-over another one goes on.
 */
export class MariadbGtidSet implements GtidSet {
  readonly flavour = 'mariadb';
  readonly #places: ReadonlyMap<number, Place>;
  #text: string | undefined;

  private constructor(places: ReadonlyMap<number, Place>) {
    this.#places = places;
  }

  static parse(text: string): MariadbGtidSet {
    const places = new Map<number, Place>();
    for (const entry of text.replaceAll(/\s/g, '').split(','))
      if (entry !== '') advance(places, parsePlace(entry, text));
    return new MariadbGtidSet(places);
  }

  get isEmpty(): boolean {
    return this.#places.size === 0;
  }

  get sources(): readonly string[] {
    return [...this.#places.keys()].map(String);
  }

  with(gtid: string): MariadbGtidSet {
    const place = parsePlace(gtid, gtid);
    // The last one seen is where the stream stands, even where a server without strict mode wrote a lower one.
    return new MariadbGtidSet(new Map(this.#places).set(place.domain, place));
  }

  contains(gtid: string): boolean {
    return this.#contains(parsePlace(gtid, gtid));
  }

  includes(other: GtidSet): boolean {
    return [...mariadbOf(other).#places.values()].every((place) => this.#contains(place));
  }

  union(other: GtidSet): MariadbGtidSet {
    const places = new Map(this.#places);
    for (const place of mariadbOf(other).#places.values()) advance(places, place);
    return new MariadbGtidSet(places);
  }

  subtract(other: GtidSet): MariadbGtidSet {
    const subtrahend = mariadbOf(other);
    return this.#only((place) => !subtrahend.#contains(place));
  }

  filter(passes: (source: string) => boolean): MariadbGtidSet {
    return this.#only((place) => passes(String(place.domain)));
  }

  toString(): string {
    this.#text ??= [...this.#places.values()]
      .sort((left, right) => left.domain - right.domain)
      .map(({ domain, server, sequence }) => `${domain}-${server}-${sequence}`)
      .join(',');
    return this.#text;
  }

  #contains(place: Place): boolean {
    const known = this.#places.get(place.domain);
    return known !== undefined && known.sequence >= place.sequence;
  }

  #only(passes: (place: Place) => boolean): MariadbGtidSet {
    return new MariadbGtidSet(new Map([...this.#places].filter(([, place]) => passes(place))));
  }
}

function mariadbOf(other: GtidSet): MariadbGtidSet {
  assert(other instanceof MariadbGtidSet, 'sets of one flavour are compared');
  return other;
}

function advance(places: Map<number, Place>, place: Place): void {
  const known = places.get(place.domain);
  if (known === undefined || known.sequence < place.sequence) places.set(place.domain, place);
}

function parsePlace(entry: string, text: string): Place {
  const match = GTID.exec(entry);
  if (match === null) throw gtidSetUnreadable(text);
  return {
    domain: Number(match[1]),
    server: Number(match[2]),
    sequence: BigInt(match[3] ?? 0),
  };
}
