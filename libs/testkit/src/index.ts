export { javaKeyStores } from './java-key-stores.ts';
export { markdownTable } from './markdown-table.ts';
export { MemoryLog, type MemoryLogFaults } from './memory-log/memory-log.ts';
export { MemoryLogClient } from './memory-log/memory-log-client.ts';
