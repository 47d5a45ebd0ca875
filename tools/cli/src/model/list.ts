import type { CatalogEntry } from '@labelfleet/inference/model-tools';

/** Formats the catalogue as a table with one line per model. */
export function formatCatalog(entries: readonly CatalogEntry[]): string[] {
  const rows = [
    ['name', 'MB', 'top-1 %', 'top-5 %', 'licence'],
    ...entries.map(({ name, bytes, top1, top5, licence }) => [
      name,
      (bytes / 1e6).toFixed(1),
      top1.toFixed(2),
      top5?.toFixed(2) ?? '-',
      licence,
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map(([name = '', ...figures]) => {
    const cells = figures.map((figure, i) => figure.padStart(widths[i + 1] ?? 0));
    return [name.padEnd(widths[0] ?? 0), ...cells].join('  ');
  });
}
