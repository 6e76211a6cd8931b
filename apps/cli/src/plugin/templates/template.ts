import type { PluginName } from '../plugin-name.ts';

/** What a new package imports; by name, since it is text here and no import of ours. */
export const API = '@millrace/connector-api';
export const CONTRACT = '@millrace/testkit/contract';

export type PluginKind = 'source' | 'sink' | 'transform' | 'converter';

/** A file of a new package: its path in it, and its text. */
export type TemplateFile = readonly [string, string];

export interface TemplateOptions {
  readonly name: PluginName;
  readonly kind: PluginKind;
  /** Of Millrace, whose contracts the package is written for. */
  readonly version: string;
}

/** The list of the `millrace` entry that a kind stands in. */
export const LIST_OF: Readonly<Record<PluginKind, string>> = {
  source: 'connectors',
  sink: 'connectors',
  transform: 'transforms',
  converter: 'converters',
};
