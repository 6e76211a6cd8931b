import type { Command } from './command.ts';

export const declarativeCommands: readonly Command[] = [];
