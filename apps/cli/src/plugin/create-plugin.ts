import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { cannotWrite, folderNotEmpty } from '../errors.ts';
import { pluginName } from './plugin-name.ts';
import { converterFiles } from './templates/converter.ts';
import { packageFiles } from './templates/package-files.ts';
import { sinkFiles } from './templates/sink.ts';
import { sourceFiles } from './templates/source.ts';
import type { PluginKind, TemplateFile, TemplateOptions } from './templates/template.ts';
import { transformFiles } from './templates/transform.ts';

const FILES: Readonly<Record<PluginKind, (options: TemplateOptions) => readonly TemplateFile[]>> = {
  source: sourceFiles,
  sink: sinkFiles,
  transform: transformFiles,
  converter: converterFiles,
};

export interface CreatedPlugin {
  readonly folder: string;
  readonly files: readonly string[];
}

/**
 * Writes a package with a plugin, its tests and an example, into a new folder below `parent`.
 * @throws MillraceError when the folder holds anything, or can't be written; nothing is ever overwritten
 */
export function createPlugin(
  given: string,
  kind: PluginKind,
  { parent, version }: { readonly parent: string; readonly version: string },
): CreatedPlugin {
  const name = pluginName(given);
  const folder = resolve(parent, name.folder);
  if (entriesOf(folder).length > 0) throw folderNotEmpty(folder);
  const options = { name, kind, version };
  const files = [...packageFiles(options), ...FILES[kind](options)];
  for (const [path, text] of files) {
    const file = join(folder, path);
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { flag: 'wx' });
    } catch (error) {
      throw cannotWrite(file, error);
    }
  }
  return { folder, files: files.map(([path]) => path) };
}

function entriesOf(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  try {
    return readdirSync(folder);
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}
