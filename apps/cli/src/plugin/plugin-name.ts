import { badUsage } from '../errors.ts';

/** The names that a new package has. */
export interface PluginName {
  /** Of the package: `@acme/millrace-weather`. */
  readonly package: string;
  /** Of its folder: `millrace-weather`. */
  readonly folder: string;
  /** Of the plugin, as configurations write it: `weather`. */
  readonly plugin: string;
  /** Of the export: `weather`, `weatherStation`. */
  readonly identifier: string;
  /** Of classes: `Weather`. */
  readonly type: string;
}

const PACKAGE = /^(?:@[a-z\d][a-z\d._-]*\/)?([a-z][a-z\d._-]*)$/;

/** @throws MillraceError for what npm would not take as the name of a package */
export function pluginName(given: string): PluginName {
  const folder = PACKAGE.exec(given)?.[1];
  if (folder === undefined)
    throw badUsage(
      `"${given}" can't be the name of a package`,
      'use lower-case letters, digits and hyphens, beginning with a letter: weather-source, @acme/weather',
    );
  const plugin = folder.replace(/^millrace-(?=.)/, '');
  const words = plugin.split(/[^a-z\d]+/).filter((word) => word !== '');
  const type = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return {
    package: given,
    folder,
    plugin,
    type: /^\d/.test(type) ? `Plugin${type}` : type,
    identifier: `${type.charAt(0).toLowerCase()}${type.slice(1)}Plugin`,
  };
}
