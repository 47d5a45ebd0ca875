import { XMLBuilder, XMLParser } from 'fast-xml-parser';

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@' });

/** An XML document of one element: nested objects are elements, arrays repeat theirs, `@name` is an attribute. */
export function toXml(root: string, content: object): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ [root]: content })}`;
}

/** Text stays text, spaces included; the elements named are lists even where there is one. */
export function parseXml(xml: string, lists: readonly string[]): unknown {
  return new XMLParser({
    parseTagValue: false,
    trimValues: false,
    isArray: (name) => lists.includes(name),
  }).parse(xml);
}
