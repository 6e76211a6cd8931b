import { each, validRegex, type Validator } from '@millrace/config';
import { parseKeyColumns } from '../name-filter.ts';

/** What may stand in the name of a topic. */
export const topicPart: Validator<string> = (value) =>
  /^[A-Za-z0-9._-]+$/.test(value)
    ? undefined
    : 'only the characters A-Z, a-z, 0-9, ., _ and - are allowed';

/** A list of regular expressions. */
export const regexList = each(validRegex);

/** The form of `message.key.columns`. */
export const keyColumnsList: Validator<string> = (value) =>
  parseKeyColumns(value) === undefined
    ? 'expected <table regex>:<column>[,<column>][;...]'
    : undefined;
