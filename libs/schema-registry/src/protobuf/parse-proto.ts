import type {
  ProtoConstant,
  ProtoEnum,
  ProtoExtend,
  ProtoExtensions,
  ProtoField,
  ProtoFile,
  ProtoGroup,
  ProtoLabel,
  ProtoMessage,
  ProtoMethod,
  ProtoOneof,
  ProtoOption,
  ProtoRange,
  ProtoService,
  ProtoType,
} from './model.ts';
import { TAG_MAX } from './model.ts';
import { readOption, readOptionList } from './parse-options.ts';
import { ProtoReader } from './proto-reader.ts';

/** As deep as protoc allows messages to be nested (INV-6). */
const DEPTH_MAX = 64;

/** @throws Error saying where it is wrong */
export function parseProto(text: string): ProtoFile {
  return new ProtoParser(text).file();
}

class ProtoParser {
  readonly #reader: ProtoReader;

  constructor(text: string) {
    this.#reader = new ProtoReader(text);
  }

  file(): ProtoFile {
    const reader = this.#reader;
    const imports: string[] = [];
    const publicImports: string[] = [];
    const options: ProtoOption[] = [];
    const types: ProtoType[] = [];
    const extended: ProtoExtend[] = [];
    const services: ProtoService[] = [];
    let syntax: string | undefined;
    let edition: string | undefined;
    let packageName: string | undefined;
    while (!reader.isAtEnd()) {
      if (reader.accept(';')) continue;
      const word = reader.word();
      switch (word) {
        case 'syntax':
          syntax = this.#assigned();
          if (syntax !== 'proto2' && syntax !== 'proto3')
            throw reader.problem(`unexpected syntax: ${syntax}`);
          break;
        case 'edition':
          edition = this.#assigned();
          break;
        case 'package':
          packageName = this.#ended(reader.word());
          break;
        case 'import':
          if (reader.peek() === '"' || reader.peek() === "'")
            imports.push(this.#ended(reader.string()));
          else if (reader.word() === 'public') publicImports.push(this.#ended(reader.string()));
          else imports.push(this.#ended(reader.string())); // weak
          break;
        case 'option':
          options.push(this.#ended(readOption(reader, '=')));
          break;
        case 'message':
          types.push(this.#message(0));
          break;
        case 'enum':
          types.push(this.#enum());
          break;
        case 'extend':
          extended.push(this.#extend());
          break;
        case 'service':
          services.push(this.#service());
          break;
        default:
          throw reader.problem(`unexpected label: ${word}`);
      }
    }
    return {
      ...{ syntax, edition, packageName, imports, publicImports },
      ...{ options, types, extends: extended, services },
    };
  }

  #assigned(): string {
    this.#reader.expect('=');
    return this.#ended(this.#reader.string());
  }

  #ended<T>(value: T): T {
    this.#reader.expect(';');
    return value;
  }

  #message(depth: number): ProtoMessage {
    const reader = this.#reader;
    if (depth > DEPTH_MAX) throw reader.problem(`messages nested deeper than ${DEPTH_MAX}`);
    const name = reader.name();
    const fields: ProtoField[] = [];
    const oneofs: ProtoOneof[] = [];
    const groups: ProtoGroup[] = [];
    const reserved: (readonly ProtoRange[])[] = [];
    const extensions: ProtoExtensions[] = [];
    const extended: ProtoExtend[] = [];
    const types: ProtoType[] = [];
    const options: ProtoOption[] = [];
    this.#block((word) => {
      if (word === 'message') types.push(this.#message(depth + 1));
      else if (word === 'enum') types.push(this.#enum());
      else if (word === 'oneof') oneofs.push(this.#oneof());
      else if (word === 'reserved') reserved.push(this.#ended(this.#ranges()));
      else if (word === 'extensions') extensions.push(this.#extensions());
      else if (word === 'extend') extended.push(this.#extend());
      else if (word === 'option') options.push(this.#ended(readOption(reader, '=')));
      else this.#member(word, fields, groups);
    });
    return {
      ...{ kind: 'message', name, fields, oneofs, groups, reserved, extensions },
      ...{ extends: extended, types, options },
    };
  }

  /** Calls back with the first word of each member. */
  #block(onMember: (word: string) => void): void {
    const reader = this.#reader;
    reader.expect('{');
    while (!reader.accept('}')) {
      if (reader.accept(';')) continue;
      onMember(reader.word());
    }
    reader.accept(';');
  }

  #member(word: string, fields: ProtoField[], groups: ProtoGroup[]): void {
    const label = labelOf(word);
    const type = this.#reader.type(label === undefined ? word : this.#reader.word());
    if (type === 'group') groups.push(this.#group(label));
    else fields.push(this.#field(label, type));
  }

  #field(label: ProtoLabel | undefined, type: string): ProtoField {
    const reader = this.#reader;
    const name = reader.name();
    reader.expect('=');
    const tag = this.#tag();
    const options = readOptionList(reader);
    return this.#ended({ label, type, name, tag, options });
  }

  #tag(): number {
    const tag = this.#reader.integer();
    if (tag < 1 || tag > TAG_MAX) throw this.#reader.problem(`tag is out of range: ${tag}`);
    return tag;
  }

  #group(label: ProtoLabel | undefined): ProtoGroup {
    const reader = this.#reader;
    const name = reader.word();
    reader.expect('=');
    const tag = this.#tag();
    readOptionList(reader);
    const fields: ProtoField[] = [];
    const inner: ProtoGroup[] = [];
    this.#block((word) => {
      this.#member(word, fields, inner);
    });
    return { label, name, tag, fields };
  }

  #oneof(): ProtoOneof {
    const name = this.#reader.name();
    const fields: ProtoField[] = [];
    const groups: ProtoGroup[] = [];
    const options: ProtoOption[] = [];
    this.#block((word) => {
      if (word === 'option') options.push(this.#ended(readOption(this.#reader, '=')));
      else this.#member(word, fields, groups);
    });
    return { name, fields, groups, options };
  }

  #extend(): ProtoExtend {
    const name = this.#reader.name();
    const fields: ProtoField[] = [];
    const groups: ProtoGroup[] = [];
    this.#block((word) => {
      this.#member(word, fields, groups);
    });
    return { name, fields };
  }

  #extensions(): ProtoExtensions {
    const ranges = this.#ranges();
    return this.#ended({ ranges, options: readOptionList(this.#reader) });
  }

  #ranges(): readonly ProtoRange[] {
    const reader = this.#reader;
    const ranges: ProtoRange[] = [];
    do ranges.push(this.#range());
    while (reader.accept(','));
    return ranges;
  }

  #range(): ProtoRange {
    const reader = this.#reader;
    const next = reader.peek();
    if (next === '"' || next === "'") return reader.string();
    if (/[A-Za-z_]/.test(next)) return reader.word(); // a name without quotes, as editions write it
    const from = reader.integer();
    if (!/[a-z]/.test(reader.peek())) return from;
    const to = reader.word();
    if (to !== 'to') throw reader.problem(`expected 'to' but was '${to}'`);
    if (/[0-9-]/.test(reader.peek())) return { from, to: reader.integer() };
    if (reader.word() !== 'max') throw reader.problem("expected a number or 'max'");
    return { from, to: TAG_MAX };
  }

  #enum(): ProtoEnum {
    const reader = this.#reader;
    const name = reader.name();
    const constants: ProtoConstant[] = [];
    const reserved: (readonly ProtoRange[])[] = [];
    const options: ProtoOption[] = [];
    this.#block((word) => {
      if (word === 'option') options.push(this.#ended(readOption(reader, '=')));
      else if (word === 'reserved') reserved.push(this.#ended(this.#ranges()));
      else {
        reader.expect('=');
        const tag = reader.integer();
        constants.push(this.#ended({ name: word, tag, options: readOptionList(reader) }));
      }
    });
    return { kind: 'enum', name, constants, reserved, options };
  }

  #service(): ProtoService {
    const name = this.#reader.name();
    const methods: ProtoMethod[] = [];
    const options: ProtoOption[] = [];
    this.#block((word) => {
      if (word === 'option') options.push(this.#ended(readOption(this.#reader, '=')));
      else if (word === 'rpc') methods.push(this.#method());
      else throw this.#reader.problem(`unexpected label: ${word}`);
    });
    return { name, methods, options };
  }

  #method(): ProtoMethod {
    const reader = this.#reader;
    const name = reader.name();
    const request = this.#streamed();
    if (reader.word() !== 'returns') throw reader.problem("expected 'returns'");
    const response = this.#streamed();
    const options: ProtoOption[] = [];
    if (reader.peek() === '{')
      this.#block((word) => {
        if (word !== 'option') throw reader.problem(`unexpected label: ${word}`);
        options.push(this.#ended(readOption(reader, '=')));
      });
    else reader.expect(';');
    return {
      name,
      requestType: request.type,
      responseType: response.type,
      isRequestStreaming: request.isStreaming,
      isResponseStreaming: response.isStreaming,
      options,
    };
  }

  #streamed(): { readonly type: string; readonly isStreaming: boolean } {
    const reader = this.#reader;
    reader.expect('(');
    const first = reader.word();
    const isStreaming = first === 'stream' && reader.peek() !== ')';
    const type = isStreaming ? reader.word() : first;
    reader.expect(')');
    return { type, isStreaming };
  }
}

function labelOf(word: string): ProtoLabel | undefined {
  return word === 'optional' || word === 'required' || word === 'repeated' ? word : undefined;
}
