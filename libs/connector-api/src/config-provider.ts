import type { ConfigProvider } from '@millrace/config';
import type { ComponentConfig, Plugin } from './plugin.ts';

/** Where the values of `${name:path:key}` come from: `config.providers=name`, `config.providers.name.class=…`. */
export interface ConfigProviderPlugin extends Plugin {
  readonly kind: 'config-provider';
  /**
   * @param config `config.providers.<name>.param.*`, without that prefix
   * @throws ConfigError
   */
  create(config: ComponentConfig): ConfigProvider | Promise<ConfigProvider>;
}
