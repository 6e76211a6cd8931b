import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';

/** What Node has of it; its types come with the DOM's alone. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => object;
};

const PAGE_BYTES = 64 * 1024;
/** What the engine is compiled to begin with. */
const INITIAL_PAGES = 256;

interface Parts {
  readonly wasmModule: object;
  readonly variant: QuickJSSyncVariant;
}

let loading: Promise<Parts> | undefined;

/**
 * A QuickJS of one's own, since only the memory of a whole WebAssembly module can be limited: inside of it QuickJS does
 * not know the size of what it allocates. The code is compiled once a process.
 */
export async function openEngine(memoryBytes: number): Promise<QuickJSWASMModule> {
  loading ??= load();
  const { wasmModule, variant } = await loading;
  const wasmMemory = new WebAssembly.Memory({
    initial: INITIAL_PAGES,
    maximum: Math.max(INITIAL_PAGES, Math.floor(memoryBytes / PAGE_BYTES)),
  });
  return newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmModule, wasmMemory }));
}

async function load(): Promise<Parts> {
  const { resolve } = createRequire(import.meta.url);
  const bytes = await readFile(resolve('@jitl/quickjs-wasmfile-release-sync/wasm'));
  const { default: loaded } = await import('@jitl/quickjs-wasmfile-release-sync');
  return {
    wasmModule: await WebAssembly.compile(bytes),
    // Its types are those of its CommonJS form, one level deeper than what is imported.
    variant: 'default' in loaded ? loaded.default : loaded,
  };
}
