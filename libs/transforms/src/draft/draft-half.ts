import type { Schema, Struct, StructSchema } from '@millrace/record';
import { fieldValue, requireMap, requireStruct, setMember } from '../subject.ts';
import { membersOf, shapeOf, structOf, type Shape } from './shape.ts';

/**
 * The key or the value of a record on its way through transforms. A struct is held as the list of its members, in the
 * order of its schema's fields, from the first transform that changes it until somebody asks for the whole value: so
 * fields are added, changed and renamed without an object made for each transform.
 */
export class DraftHalf {
  #schema: Schema | null;
  #value: unknown;
  /** The truth while it is there: `#value` is made of it when it is asked for. */
  #members: unknown[] | undefined;
  #shape: Shape | undefined;
  /** Whether `#value` was made here for nobody else, and so may be changed in place. */
  #isOwned = false;
  isChanged = false;

  constructor(schema: Schema | null, value: unknown) {
    this.#schema = schema;
    this.#value = value;
  }

  get schema(): Schema | null {
    return this.#schema;
  }

  get isNull(): boolean {
    return this.#members === undefined && (this.#value === null || this.#value === undefined);
  }

  /** Whole, to be kept by whoever asks: changes that follow don't show in it. */
  get value(): unknown {
    if (this.#members !== undefined && this.#shape !== undefined) {
      this.#value = structOf(this.#shape, this.#members);
      this.#members = undefined;
    }
    this.#isOwned = false;
    return this.#value;
  }

  set(schema: Schema | null, value: unknown): void {
    this.#schema = schema;
    this.#value = value;
    this.#members = undefined;
    this.isChanged = true;
  }

  /** A struct of members that belong to this half from now on. */
  setMembers(schema: StructSchema, members: unknown[]): void {
    this.#schema = schema;
    this.#shape = shapeOf(schema);
    this.#members = members;
    this.isChanged = true;
  }

  /** The same members under a schema with as many fields. */
  setSchema(schema: StructSchema): void {
    this.#schema = schema;
    this.#shape = shapeOf(schema);
    this.isChanged = true;
  }

  /**
   * The schema of the struct that this half must be.
   * @throws MillraceError in Connect's words
   */
  requireStruct(purpose: string): StructSchema {
    if (this.#members !== undefined && this.#shape !== undefined) return this.#shape.schema;
    return requireStruct({ schema: this.#schema, value: this.#value }, purpose).schema;
  }

  /**
   * The members of the struct, to be changed in place.
   * @throws MillraceError in Connect's words
   */
  members(purpose: string, hasDefaults: boolean): unknown[] {
    const members = this.#openMembers(purpose);
    if (hasDefaults && this.#shape !== undefined)
      for (const index of this.#shape.withDefault)
        members[index] ??= this.#shape.schema.fields[index]?.schema.default;
    this.isChanged = true;
    return members;
  }

  #openMembers(purpose: string): unknown[] {
    if (this.#members !== undefined) return this.#members;
    const { schema, value } = requireStruct({ schema: this.#schema, value: this.#value }, purpose);
    this.#shape = shapeOf(schema);
    this.#members = membersOf(this.#shape, value);
    return this.#members;
  }

  /** One field of the struct that this half is, by its position. */
  member(index: number, hasDefaults: boolean): unknown {
    const schema = this.#schema;
    const field = schema?.type === 'struct' ? schema.fields[index] : undefined;
    if (field === undefined) return null;
    if (this.#members === undefined)
      // Only asked for structs.
      return fieldValue(this.#value as Struct, field, hasDefaults);
    const member = this.#members[index] ?? null;
    return member === null && hasDefaults ? (field.schema.default ?? null) : member;
  }

  /**
   * The members of a value without schema, to be looked at.
   * @throws MillraceError in Connect's words
   */
  map(purpose: string): Struct {
    return requireMap(this.#value, purpose);
  }

  /**
   * The same, to be changed in place.
   * @throws MillraceError in Connect's words
   */
  openMap(purpose: string): Record<string, unknown> {
    const members = requireMap(this.#value, purpose);
    // Of its own: made by the line below, or by `setMap`.
    if (this.#isOwned) return members;
    // Member by member: V8 makes a slow hash table of a spread to which a member is added, and slow it stays for the
    // converter: 0.8 µs a record in place of 0.1, and as much again when it is written.
    const copy: Record<string, unknown> = {};
    for (const name of Object.keys(members)) setMember(copy, name, members[name]);
    this.setMap(copy);
    return copy;
  }

  /** A value without schema that belongs to this half from now on. */
  setMap(members: Record<string, unknown>): void {
    this.#schema = null;
    this.#value = members;
    this.#isOwned = true;
    this.isChanged = true;
  }
}
