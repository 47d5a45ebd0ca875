/** What the names in a template stand for. */
export interface Names {
  /** Physical ids, by the logical id of a resource or the name of a parameter. */
  readonly refs: Readonly<Record<string, string>>;
  /** By `LogicalId.Attribute`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The exports of other stacks. */
  readonly exports: Readonly<Record<string, string>>;
}

/**
 * Returns a part of a CloudFormation template with its intrinsic functions replaced by their values.
 * @throws Error for a name without a value, and for a function that the templates of tools/deploy do not use
 */
export function resolve(part: unknown, names: Names): unknown {
  if (Array.isArray(part)) return part.map((each) => resolve(each, names));
  if (typeof part !== 'object' || part === null) return part;
  const entries = Object.entries(part);
  const [[name, argument] = ['', undefined]] = entries;
  if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) {
    return call(name, argument, names);
  }
  return Object.fromEntries(entries.map(([key, value]) => [key, resolve(value, names)]));
}

/** @throws Error if the part is no text */
export function resolveText(part: unknown, names: Names): string {
  const text = resolve(part, names);
  if (typeof text === 'string') return text;
  throw new Error(`${JSON.stringify(part)} is no text`);
}

function call(name: string, argument: unknown, names: Names): unknown {
  const text = (part: unknown) => resolveText(part, names);
  switch (name) {
    case 'Ref':
      return valueOf(names.refs, text(argument), 'Ref');
    case 'Fn::GetAtt':
      return valueOf(names.attributes, (argument as string[]).join('.'), 'Fn::GetAtt');
    case 'Fn::ImportValue':
      return valueOf(names.exports, text(argument), 'Fn::ImportValue');
    case 'Fn::Sub':
      return text(argument).replace(/\$\{([^}]+)\}/g, (_, of: string) =>
        valueOf(names.refs, of, 'Fn::Sub'),
      );
    case 'Fn::Join': {
      const [separator, parts] = argument as [string, unknown[]];
      return parts.map(text).join(separator);
    }
    case 'Fn::Base64':
      return Buffer.from(text(argument)).toString('base64');
    default:
      throw new Error(`${name} is not resolved here`);
  }
}

function valueOf(values: Readonly<Record<string, string>>, of: string, by: string): string {
  const value = values[of];
  if (value === undefined) throw new Error(`${by} ${of} has no value here`);
  return value;
}
