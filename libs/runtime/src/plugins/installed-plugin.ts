import type { AnyPlugin } from './plugin-registry.ts';

/** A plugin of a package that the user installed. */
export interface InstalledPlugin {
  readonly plugin: AnyPlugin;
  /** Name of the package. */
  readonly packageName: string;
  readonly packageVersion: string;
  /** The package's folder. */
  readonly location: string;
}

/** Why a package, or a plugin of one, can't be used, or not in full. It never stops the worker. */
export interface PluginProblem {
  readonly severity: 'error' | 'warning';
  /** `plugins.what_happened`. */
  readonly code: string;
  /** The folder or file that it is about. */
  readonly location: string;
  readonly package?: string;
  readonly message: string;
  /** What to mend. */
  readonly hint?: string;
}

/** `GET /api/plugins`. */
export interface PluginReport {
  readonly plugins: readonly PluginListing[];
  readonly problems: readonly PluginProblem[];
}

export interface PluginListing {
  readonly class: string;
  readonly type: string;
  readonly version: string | null;
  readonly name: string;
  /** Every other name by which it can be asked for. */
  readonly aliases: readonly string[];
  /** Null for what Millrace ships. */
  readonly package: string | null;
  readonly location: string | null;
}
