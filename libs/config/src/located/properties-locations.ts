import { Properties, PropertiesNodeType } from 'properties-file/parser';
import type { LocatedConfig } from './located-config.ts';
import { Locations } from './locations.ts';

/** Java's properties: the line of a key is the one in which its entry starts. */
export function locateProperties(text: string): LocatedConfig {
  const locations = new Locations();
  try {
    for (const node of new Properties(text).nodes)
      if (node.type === PropertiesNodeType.PROPERTY)
        locations.add([node.key], node.value, node.startingLineNumber);
  } catch (error) {
    locations.problem(1, error instanceof Error ? error.message : String(error));
  }
  return locations.found;
}
