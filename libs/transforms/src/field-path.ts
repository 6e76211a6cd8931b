import { badSettings } from './errors.ts';

/**
 * Splits a path of syntax V2: dots separate, backticks wrap names with dots, `\`` within them is a backtick.
 * @throws MillraceError `transform.bad_settings`
 */
export function parsePath(path: string): readonly string[] {
  const names: string[] = [];
  let position = 0;
  while (position <= path.length) {
    if (path[position] === '`') {
      const end = closingBacktick(path, position);
      names.push(path.slice(position + 1, end).replaceAll('\\`', '`'));
      position = end + 2;
    } else {
      const dot = path.indexOf('.', position);
      const end = dot < 0 ? path.length : dot;
      names.push(path.slice(position, end));
      position = end + 1;
    }
  }
  return names;
}

function closingBacktick(path: string, start: number): number {
  for (let end = start + 1; end < path.length; end++) {
    if (path[end] !== '`' || path[end - 1] === '\\') continue;
    if (end === path.length - 1 || path[end + 1] === '.') return end;
  }
  throw badSettings(
    `Incomplete backtick pair in path: [${path}], consider adding a backslash before backtick at position ${start} to escape it`,
  );
}
