/**
 * A Markdown table, with cells padded so that it is readable in a terminal too.
 * @param words the number of left-aligned columns; the others are right-aligned
 */
export function markdownTable(
  header: readonly string[],
  lines: readonly (readonly string[])[],
  words = 1,
): string {
  const widths = header.map((title, column) =>
    Math.max(3, title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const rule = widths.map((width, column) =>
    column < words ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  const row = (cells: readonly string[]) => {
    const padded = widths.map((width, column) => {
      const cell = cells[column] ?? '';
      return column < words ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${padded.join(' | ')} |`;
  };
  return [header, rule, ...lines].map(row).join('\n');
}
