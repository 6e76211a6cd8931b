import { wholeRegex } from '../java-regex/java-regex.ts';
import type { ConfigProvider, ProvidedData } from './config-provider.ts';
import { badProvider } from './errors.ts';

/** `${env:NAME}`: Kafka's EnvVarConfigProvider. */
export class EnvironmentConfigProvider implements ConfigProvider {
  readonly #variables: ReadonlyMap<string, string>;

  constructor(
    environment: Readonly<Record<string, string | undefined>>,
    allowlistPattern: string | undefined,
  ) {
    const allowed = wholeRegex(allowlistPattern ?? '.*');
    this.#variables = new Map(
      Object.entries(environment).flatMap(([name, value]): [string, string][] =>
        value === undefined || !allowed.test(name) ? [] : [[name, value]],
      ),
    );
  }

  get(path: string, keys: ReadonlySet<string>): Promise<ProvidedData> {
    if (path !== '')
      return Promise.reject(
        badProvider(
          `Path is not supported for EnvVarConfigProvider, invalid value '${path}': write \${env:NAME}`,
        ),
      );
    const values = [...keys].flatMap((key): [string, string][] => {
      const value = this.#variables.get(key);
      return value === undefined ? [] : [[key, value]];
    });
    return Promise.resolve({ values: new Map(values) });
  }
}
