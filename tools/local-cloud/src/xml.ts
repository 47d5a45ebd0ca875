import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@' });

/** An XML document of one element: nested objects are elements, arrays repeat theirs, `@name` is an attribute. */
export function toXml(root: string, content: object): string {
  const xml = builder.build({ [root]: content });
  // A parser of XML takes a bare carriage return for a line feed.
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xml.replaceAll('\r', '&#xD;')}`;
}

/**
 * Text stays text, spaces included; the elements named are lists even where there is one.
 * @throws Error for what is not well-formed, has external entities, or is nested too deep
 */
export function parseXml(xml: string, lists: readonly string[]): unknown {
  if (XMLValidator.validate(xml) !== true) throw new Error('This is not well-formed XML.');
  return new XMLParser({
    parseTagValue: false,
    trimValues: false,
    htmlEntities: true, // characters by their number among them
    isArray: (name) => lists.includes(name),
  }).parse(xml);
}
