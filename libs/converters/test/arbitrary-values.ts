import { Decimal, int64, logical, schemas, type Schema } from '@millrace/record';
import fc from 'fast-check';

export interface Sample {
  readonly schema: Schema;
  /** Required values; null where the schema is optional, now and then. */
  readonly value: unknown;
}

type SampleOf = fc.Arbitrary<{ readonly schema: Schema; readonly values: fc.Arbitrary<unknown> }>;

const DAY_MS = 86_400_000;
const text = fc
  .string({ unit: 'binary', maxLength: 12 })
  .filter((each) => !/\p{Surrogate}/u.test(each));
const bytes = fc.uint8Array({ maxLength: 12 });

function leaf(schema: Schema, values: fc.Arbitrary<unknown>): SampleOf {
  return fc.constant({ schema, values });
}

const leaves = fc.oneof(
  leaf(schemas.int8(), fc.integer({ min: -128, max: 127 })),
  leaf(schemas.int16(), fc.integer({ min: -32768, max: 32767 })),
  leaf(schemas.int32(), fc.integer()),
  leaf(schemas.int64(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(int64)),
  leaf(schemas.float32(), fc.float()),
  leaf(schemas.float64(), fc.double()),
  leaf(schemas.boolean(), fc.boolean()),
  leaf(schemas.string(), text),
  leaf(schemas.bytes(), bytes),
  leaf(
    logical.decimal(3),
    fc.bigInt({ min: -(2n ** 90n), max: 2n ** 90n }).map((each) => new Decimal(each, 3)),
  ),
  leaf(
    logical.date(),
    fc.integer({ min: -100_000, max: 100_000 }).map((days) => new Date(days * DAY_MS)),
  ),
  leaf(
    logical.time(),
    fc.integer({ min: 0, max: DAY_MS - 1 }).map((each) => new Date(each)),
  ),
  leaf(
    logical.timestamp(),
    fc.integer({ min: -(10 ** 14), max: 10 ** 14 }).map((each) => new Date(each)),
  ),
);

/** Keys of maps: what is equal as value is equal in a Map. */
const keys = fc.oneof(
  leaf(schemas.string(), text),
  leaf(schemas.int32(), fc.integer()),
  leaf(schemas.int64(), fc.integer()),
  leaf(schemas.boolean(), fc.boolean()),
);

function optionally(of: SampleOf): SampleOf {
  return fc
    .tuple(of, fc.boolean())
    .map(([{ schema, values }, isOptional]) =>
      isOptional
        ? { schema: { ...schema, optional: true }, values: fc.option(values, { freq: 4 }) }
        : { schema, values },
    );
}

const { any } = fc.letrec<{ any: { schema: Schema; values: fc.Arbitrary<unknown> } }>((tie) => ({
  any: optionally(
    fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaves,
      tie('any').map(({ schema, values }) => ({
        schema: schemas.array(schema),
        values: fc.array(values, { maxLength: 3 }),
      })),
      fc.tuple(keys, tie('any')).map(([key, { schema, values }]) => ({
        schema: schemas.map(key.schema, schema),
        values: fc
          .array(fc.tuple(key.values, values), { maxLength: 3 })
          .map((entries) => new Map(entries)),
      })),
      fc.array(tie('any'), { minLength: 1, maxLength: 4 }).map((parts) => ({
        schema: schemas.struct(
          Object.fromEntries(parts.map(({ schema }, index) => [`f${index}`, schema])),
        ),
        values: fc.record(
          Object.fromEntries(parts.map(({ values }, index) => [`f${index}`, values])),
        ),
      })),
    ),
  ),
}));

/** A schema of any type, nested, and a value of it. Structs have no names: they differ. */
export const samples: fc.Arbitrary<Sample> = any.chain(({ schema, values }) =>
  values.map((value) => ({ schema, value })),
);
