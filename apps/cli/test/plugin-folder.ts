import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder of packages that is gone after the test. */
export class PluginFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'millrace-plugins-'));

  /** Writes a package with plugins; `manifest` is put over an ESM package that names nothing. */
  add(folder: string, manifest: object, files: Readonly<Record<string, string>>): string {
    const base = { name: folder, version: '1.0.0', type: 'module', millrace: { api: 1 } };
    this.write(`${folder}/package.json`, JSON.stringify({ ...base, ...manifest }));
    for (const [name, text] of Object.entries(files)) this.write(`${folder}/${name}`, text);
    return join(this.path, folder);
  }

  write(file: string, text: string): string {
    const path = join(this.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
