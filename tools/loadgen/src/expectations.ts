import { EXIT, StartError } from '@labelfleet/runtime';
import { basename } from 'node:path';
import { csvFields } from '@labelfleet/cli/csv';

/** The expected label by file name without folders. */
export type Expectations = ReadonlyMap<string, string>;

/**
 * Reads `file,label` lines (CSV; further fields are ignored) or `file<TAB>label…` lines, as
 * `npm run classify` prints them together with npm's own lines, which begin with `>`.
 * @throws StartError that names the line that has no label or contradicts another
 */
export function parseExpectations(text: string): Expectations {
  const labels = new Map<string, string>();
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '' || line.startsWith('> ')) return;
    const [file = '', label = ''] = line.includes('\t') ? line.split('\t') : csvFields(line);
    if (index === 0 && file === 'file' && label === 'label') return;
    const name = basename(file.trim());
    const fault = faultOf(name, label.trim(), labels.get(name));
    if (fault !== undefined) throw new StartError(`line ${index + 1}: ${fault}`, EXIT.noInput);
    labels.set(name, label.trim());
  });
  return labels;
}

function faultOf(name: string, label: string, before: string | undefined): string | undefined {
  if (name === '' || label === '') return 'the line must be file,label';
  if (before !== undefined && before !== label)
    return `${name} has the label ${label}, but an earlier line says ${before}`;
  return undefined;
}
