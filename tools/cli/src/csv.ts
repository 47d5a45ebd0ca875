/** Formats one line of CSV (RFC 4180): a field with a comma, quote or line break is quoted. */
export const csvLine = (fields: readonly string[]): string =>
  fields
    .map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');

/** Parses one line of CSV. A quoted field must end on the same line. */
export function csvFields(line: string): string[] {
  const fields = `,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...fields].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}
