import { shippedConverters } from '@millrace/converters';
import { PluginRegistry, type AnyPlugin } from './plugin-registry.ts';
import type { InstalledPlugin, PluginProblem } from './installed-plugin.ts';

/** The shipped converters, what the process brings, and what was installed. */
export function openPluginRegistry(
  plugins: readonly AnyPlugin[],
  installed?: {
    readonly plugins: readonly InstalledPlugin[];
    readonly problems: readonly PluginProblem[];
  },
): PluginRegistry {
  return new PluginRegistry(
    [...shippedConverters, ...plugins],
    installed?.plugins,
    installed?.problems,
  );
}
