/**
 * A value of a key as Debezium stores it: the Java class, and the value as text. `other` can be told apart but not
 * written; its text is of no use.
 */
export interface KeyValue {
  readonly type: KeyType;
  readonly text: string;
}

export type KeyType =
  | 'boolean'
  | 'byte'
  | 'short'
  | 'int'
  | 'long'
  | 'float'
  | 'double'
  | 'string'
  | 'decimal'
  | 'integer' // BigInteger
  | 'uuid'
  | 'bytes' // in hexadecimal
  | 'other';

/** The values of a key in its order; null stands for NULL. */
export type KeyValues = readonly (KeyValue | null)[];

const CLASSES: Readonly<Record<string, KeyType>> = {
  'java.lang.Boolean': 'boolean',
  'java.lang.Byte': 'byte',
  'java.lang.Short': 'short',
  'java.lang.Integer': 'int',
  'java.lang.Long': 'long',
  'java.lang.Float': 'float',
  'java.lang.Double': 'double',
  'java.math.BigDecimal': 'decimal',
  'java.math.BigInteger': 'integer',
  'java.util.UUID': 'uuid',
};

/** Class name to key type; undefined: not a class that keys are made of. */
export function keyTypeOfClass(name: string): KeyType | undefined {
  return CLASSES[name];
}
