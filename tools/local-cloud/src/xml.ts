import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@' });

/** Writes an XML document. Nested objects become elements, arrays repeat their element, and `@name` is an attribute. */
export function toXml(root: string, content: object): string {
  const xml = builder.build({ [root]: content });
  // XML parsers convert a bare carriage return to a line feed.
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xml.replaceAll('\r', '&#xD;')}`;
}

/**
 * Parses XML. Text keeps its spaces. The named elements become lists even if there is only one.
 * @throws Error if the XML is not well-formed, has external entities, or is nested too deep
 */
export function parseXml(xml: string, lists: readonly string[]): unknown {
  if (XMLValidator.validate(xml) !== true) throw new Error('The XML is not well-formed.');
  return new XMLParser({
    parseTagValue: false,
    trimValues: false,
    htmlEntities: true, // includes numeric character references
    isArray: (name) => lists.includes(name),
  }).parse(xml);
}
