export { MemoryLog, MemoryLogClient, type MemoryLogFaults } from './memory-log.ts';
