import {
  isScalar,
  mapTypes,
  TAG_MAX,
  type ProtoConstant,
  type ProtoEnum,
  type ProtoExtend,
  type ProtoExtensions,
  type ProtoField,
  type ProtoFile,
  type ProtoGroup,
  type ProtoMessage,
  type ProtoMethod,
  type ProtoOneof,
  type ProtoOption,
  type ProtoRange,
  type ProtoService,
  type ProtoType,
  type ProtoValue,
} from './model.ts';

/**
 * As Confluent's registry writes a .proto file: that is its canonical text, by which a schema is found again.
 * Messages stand before enums; what belongs to a message is put together by kind.
 */
export function printProto(file: ProtoFile): string {
  const imports = [
    ...file.imports.map((path) => `import "${path}";\n`),
    ...file.publicImports.map((path) => `import public "${path}";\n`),
  ];
  return [
    file.syntax === undefined ? '' : `syntax = "${file.syntax}";\n`,
    file.edition === undefined ? '' : `edition = "${file.edition}";\n`,
    file.packageName === undefined ? '' : `package ${file.packageName};\n`,
    section(imports),
    section(file.options.map(printOptionLine)),
    section(messagesFirst(file.types).map(printType)),
    section(file.extends.map(printExtend)),
    section(file.services.map(printService)),
  ].join('');
}

function section(parts: readonly string[]): string {
  return parts.length === 0 ? '' : `\n${parts.join('')}`;
}

function indented(text: string): string {
  const lines = text.replace(/\n+$/, '').split('\n');
  return lines.map((line) => `  ${line}\n`).join('');
}

function indentedSection(parts: readonly string[]): string {
  return section(parts.map(indented));
}

export function messagesFirst(types: readonly ProtoType[]): readonly ProtoType[] {
  return [
    ...types.filter(({ kind }) => kind === 'message'),
    ...types.filter(({ kind }) => kind === 'enum'),
  ];
}

function printType(type: ProtoType): string {
  return type.kind === 'message' ? printMessage(type) : printEnum(type);
}

function printMessage(message: ProtoMessage): string {
  return [
    `message ${message.name} {`,
    indentedSection(message.reserved.map(printReserved)),
    indentedSection(message.options.map(printOptionLine)),
    indentedSection(message.fields.map(printField)),
    indentedSection(message.oneofs.map(printOneof)),
    indentedSection(message.groups.map(printGroup)),
    indentedSection(message.extensions.map(printExtensions)),
    indentedSection(message.extends.map(printExtend)),
    indentedSection(messagesFirst(message.types).map(printType)),
    '}\n',
  ].join('');
}

function printEnum(type: ProtoEnum): string {
  const members = [
    ...type.reserved.map(printReserved),
    ...type.options.map(printOptionLine),
    ...type.constants.map(printConstant),
  ];
  return `enum ${type.name} {${indentedSection(members)}}\n`;
}

function printConstant({ name, tag, options }: ProtoConstant): string {
  return `${name} = ${tag}${printOptionList(options)};\n`;
}

function printField(field: ProtoField): string {
  const label = field.label === undefined ? '' : `${field.label} `;
  return `${label}${field.type} ${field.name} = ${field.tag}${printOptionList(fieldOptions(field))};\n`;
}

/** What compilers know of themselves stands last. */
function fieldOptions({ options, type }: ProtoField): readonly ProtoOption[] {
  const isSpecial = ({ name, isExtension }: ProtoOption): boolean =>
    !isExtension && (name === 'default' || name === 'json_name');
  const last = ['default', 'json_name'].flatMap((name) => {
    const option = options.find((each) => isSpecial(each) && each.name === name);
    if (option === undefined) return [];
    return [name === 'default' ? defaultOption(option, type) : option];
  });
  return [...options.filter((option) => !isSpecial(option)), ...last];
}

/** Quotes by the field's type: `default` of bytes is written without. */
function defaultOption(option: ProtoOption, type: string): ProtoOption {
  const { value } = option;
  if (value.kind !== 'string' || type === 'string') return option;
  return { ...option, value: { kind: 'word', text: value.text } };
}

function printOneof({ name, options, fields, groups }: ProtoOneof): string {
  return [
    `oneof ${name} {`,
    indentedSection(options.map(printOptionLine)),
    indentedSection(fields.map(printField)),
    indentedSection(groups.map(printGroup)),
    '}\n',
  ].join('');
}

function printGroup({ label, name, tag, fields }: ProtoGroup): string {
  const start = label === undefined ? '' : `${label} `;
  return `${start}group ${name} = ${tag} {${indentedSection(fields.map(printField))}}\n`;
}

function printExtend({ name, fields }: ProtoExtend): string {
  return `extend ${name} {${indentedSection(fields.map(printField))}}\n`;
}

function printReserved(ranges: readonly ProtoRange[]): string {
  return `reserved ${ranges.map(printRange).join(', ')};\n`;
}

function printExtensions({ ranges, options }: ProtoExtensions): string {
  return `extensions ${ranges.map(printRange).join(', ')}${printOptionList(options)};\n`;
}

function printRange(range: ProtoRange): string {
  if (typeof range === 'string') return `"${range}"`;
  if (typeof range === 'number') return String(range);
  return `${range.from} to ${range.to < TAG_MAX ? range.to : 'max'}`;
}

function printService({ name, options, methods }: ProtoService): string {
  return [
    `service ${name} {`,
    indentedSection(options.map(printOptionLine)),
    indentedSection(methods.map(printMethod)),
    '}\n',
  ].join('');
}

function printMethod(method: ProtoMethod): string {
  const request = `${method.isRequestStreaming ? 'stream ' : ''}${method.requestType}`;
  const response = `${method.isResponseStreaming ? 'stream ' : ''}${method.responseType}`;
  const options =
    method.options.length === 0
      ? ''
      : ` {\n${method.options.map(printOptionLine).map(indented).join('')}}`;
  return `rpc ${method.name} (${request}) returns (${response})${options};\n`;
}

function printOptionLine(option: ProtoOption): string {
  return `option ${printOption(option)};\n`;
}

function printOptionList(options: readonly ProtoOption[]): string {
  if (options.length === 0) return '';
  return ` ${bracketed(options.map(printOption))}`;
}

function bracketed(parts: readonly string[]): string {
  if (parts.length === 1) return `[${parts[0] ?? ''}]`;
  return `[\n${commaSeparated(parts)}]`;
}

function commaSeparated(parts: readonly string[]): string {
  return parts
    .map((part, index) => indented(index < parts.length - 1 ? `${part},` : part))
    .join('');
}

function printOption({ name, isExtension, value }: ProtoOption): string {
  const shown = isExtension ? `(${name})` : name;
  switch (value.kind) {
    case 'member':
      return `${shown}.${printOption(value.option)}`;
    case 'map':
      return `${shown} = ${printValue(value)}`;
    case 'list':
      return `${shown} = ${bracketed(value.items.map(printValue))}`;
    default:
      return `${shown} = ${printValue(value)}`;
  }
}

function printValue(value: ProtoValue): string {
  switch (value.kind) {
    case 'string':
      return `"${escaped(value.text)}"`;
    case 'word':
      return value.text;
    case 'member':
      return printOption(value.option);
    case 'list':
      return `[\n${commaSeparated(value.items.map(printValue))}]`;
    case 'map': {
      const members = [...value.members].map(([name, inner]) => `${name}: ${printValue(inner)}`);
      return `{\n${commaSeparated(members)}}`;
    }
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
};

function escaped(text: string): string {
  return text.replace(/[\x07\b\f\n\r\t\v\\'"]/g, (character) => ESCAPES[character] ?? character);
}

/** Whether the type is looked up by name. */
export function isNamedType(type: string): boolean {
  return !isScalar(type) && mapTypes(type) === undefined;
}
