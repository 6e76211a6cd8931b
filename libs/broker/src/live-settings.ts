import { parseValue } from '@millrace/config';
import { describeError, type Logger } from '@millrace/foundation';
import { isDynamic, listenerBaseKey } from './dynamic-keys.ts';
import type { BrokerLayers } from './effective-configs.ts';
import { brokerFields } from './fields.ts';
import type { ConfigOverrides } from './metadata/metadata-image.ts';
import { resolveListeners } from './network/listeners.ts';
import { refuseUnauthenticatedExposure } from './security/exposure.ts';
import type { BrokerSettings } from './settings.ts';
import { invalidSettings } from './errors.ts';

/**
 * The settings as they are now: what the broker was started with, and over it what was changed while it ran. They
 * are resolved anew when somebody has changed them.
 */
export class LiveSettings {
  readonly #start: BrokerSettings;
  readonly #layers: () => BrokerLayers;
  readonly #log: Logger;
  #current: BrokerSettings;

  constructor(start: BrokerSettings, layers: () => BrokerLayers, log: Logger) {
    this.#start = start;
    this.#layers = layers;
    this.#log = log;
    this.#current = this.#resolve();
  }

  get current(): BrokerSettings {
    return this.#current;
  }

  refresh(): void {
    this.#current = this.#resolve();
  }

  #resolve(): BrokerSettings {
    const { dynamic, dynamicDefault } = this.#layers();
    const changes = { ...dynamicDefault, ...dynamic };
    if (Object.keys(changes).length === 0) return this.#start;
    const values = { ...this.#start.values, ...parsed(changes) };
    return { ...this.#start, values, listeners: this.#listeners(changes) };
  }

  /** The listeners if these were the changes of this broker. Throws with what is wrong with them. */
  listenersWith(dynamic: ConfigOverrides): BrokerSettings['listeners'] {
    const changes = { ...this.#layers().dynamicDefault, ...dynamic };
    const { raw } = this.#start;
    const values = { ...this.#start.values, ...parsed(changes) };
    const problems: string[] = [];
    const changed = resolveListeners(values, { ...raw, ...takenUp(changes) }, problems);
    if (problems.length > 0) throw invalidSettings(problems);
    refuseUnauthenticatedExposure(changed);
    return changed;
  }

  /** Those of the configuration, if what was changed is of no use: the broker must be able to start. */
  #listeners(changes: ConfigOverrides): BrokerSettings['listeners'] {
    try {
      return this.listenersWith(changes);
    } catch (error) {
      this.#log.warn(
        { error: describeError(error) },
        'settings of listeners that were changed while running are not used; those of the configuration are',
      );
      return this.#start.listeners;
    }
  }
}

/** Without what nobody may change while a broker runs, as whether strangers are let in. */
function takenUp(changes: ConfigOverrides): ConfigOverrides {
  return Object.fromEntries(
    Object.entries(changes).filter(([key]) => isDynamic(listenerBaseKey(key) ?? key)),
  );
}

/** What was checked when it was set; a text that an older release took and this one does not is passed over. */
function parsed(changes: ConfigOverrides): Partial<BrokerSettings['values']> {
  return Object.fromEntries(
    Object.entries(brokerFields).flatMap(([key, field]) => {
      const text = changes[key];
      if (text === undefined || !isDynamic(key)) return [];
      const result = parseValue(field.type, text);
      return 'problem' in result ? [] : [[key, result.value]];
    }),
  );
}
