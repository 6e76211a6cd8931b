export { javaKeyStores } from './java-key-stores.ts';
export { MemoryLog, MemoryLogClient, type MemoryLogFaults } from './memory-log.ts';
