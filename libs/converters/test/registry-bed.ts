import type { ComponentConfig, Converter, ConverterPlugin } from '@millrace/connector-api';
import { MillraceError, systemClock, systemRandom } from '@millrace/foundation';
import type { Schema, SchemaAndValue } from '@millrace/record';
import type { RegistryPorts } from '../src/registry/open-registry-converter.ts';
import { TinyRegistry } from './tiny-registry.ts';

export const TOPIC = 'orders';

/** A converter beside a registry of its own, as the runtime calls it. */
export class RegistryBed {
  readonly registry = new TinyRegistry();
  readonly #make: (ports: RegistryPorts) => ConverterPlugin;

  constructor(make: (ports: RegistryPorts) => ConverterPlugin) {
    this.#make = make;
  }

  open(config: ComponentConfig = {}, role: 'key' | 'value' = 'value'): Converter {
    const ports = { clock: systemClock, random: systemRandom, transport: this.registry };
    return this.#make(ports).create(
      { 'schema.registry.url': 'http://registry:8081', 'retries.wait.ms': '1', ...config },
      role,
    );
  }

  async write(
    schema: Schema | null,
    value: unknown,
    config: ComponentConfig = {},
  ): Promise<Buffer> {
    return Buffer.from((await write(this.open(config), schema, value)) ?? []);
  }

  async read(bytes: Uint8Array | null, config: ComponentConfig = {}): Promise<SchemaAndValue> {
    const converter = this.open(config);
    await converter.prepareToConnect?.(TOPIC, bytes);
    return converter.toConnect(TOPIC, bytes);
  }

  async thereAndBack(
    schema: Schema | null,
    value: unknown,
    config: ComponentConfig = {},
  ): Promise<SchemaAndValue> {
    return this.read(await write(this.open(config), schema, value), config);
  }
}

export async function write(
  converter: Converter,
  schema: Schema | null,
  value: unknown,
): Promise<Uint8Array | null> {
  await converter.prepareFromConnect?.(TOPIC, schema, value);
  return converter.fromConnect(TOPIC, schema, value);
}

export async function failure(attempt: Promise<unknown>): Promise<MillraceError> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof MillraceError) return error;
  throw new Error(`expected a MillraceError, got ${String(error)}`);
}
