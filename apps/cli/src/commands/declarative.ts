import { applyCommand } from './apply.ts';
import type { Command } from './command.ts';
import { planCommand } from './plan.ts';
import { validateCommand } from './validate.ts';

export const declarativeCommands: readonly Command[] = [validateCommand, planCommand, applyCommand];
