import type { Metafile } from 'esbuild';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LockedPackages } from './prune-lockfile.ts';

/**
 * Packages that come without a licence text: where the text of the same authors, repository and licence is. A new one
 * fails the build until somebody has looked at it.
 */
const TEXT_IN: Readonly<Record<string, string>> = {
  // All of https://github.com/aws/aws-sdk-js-v3 is under its one LICENSE file.
  '@aws-sdk/credential-provider-http': '@aws-sdk/credential-provider-node',
  '@aws-sdk/credential-provider-login': '@aws-sdk/credential-provider-node',
  '@aws-sdk/nested-clients': '@aws-sdk/credential-provider-node',
};

/** MIT asks for the licence text, Apache-2.0 for NOTICE as well; tslib calls it CopyrightNotice.txt. */
const NOTICE_FILE = /^(licen[cs]e|copying|notice|copyright)/i;

const INTRODUCTION = `Third-party notices

The JavaScript files of this folder contain parts of the packages below, each under its own licence.
`;
const INSTALLED = `
${'='.repeat(80)}
Installed by npm beside these files, with their licence texts in their own folders:

`;

/** The folders of the packages, from the workspace's, of which there is code in the outputs. Sorted. */
export function bundledPackages({ outputs }: Pick<Metafile, 'outputs'>): string[] {
  const folders = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .flatMap(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? []),
  );
  return [...new Set(folders)].sort();
}

/**
 * The text of THIRD-PARTY-NOTICES.
 * @param workspace the folder that the packages' folders are named from
 * @param folders of the packages that are bundled
 * @param installed what is installed beside the bundle
 * @param textIn where the texts of packages are that have none, by name
 * @throws Error naming every package without a licence text
 */
export async function thirdPartyNotices(
  workspace: string,
  folders: readonly string[],
  installed: LockedPackages,
  textIn = TEXT_IN,
): Promise<string> {
  const notices = await Promise.all(folders.map((folder) => noticeOf(workspace, folder, textIn)));
  const without = notices.filter(({ text }) => text === '').map(({ title }) => title);
  if (without.length > 0) {
    throw new Error(
      `These packages have no licence text: ${without.join(', ')}. Find out under which licence they are, and name the package that has its text in ${import.meta.filename}.`,
    );
  }
  const rule = '='.repeat(80);
  const bundled = notices.map(({ title, text }) => `\n${rule}\n${title}\n\n${text}\n`).join('');
  const beside = Object.entries(installed).map(
    ([place, { version, license }]) =>
      `${nameOf(place)} ${version ?? ''} (${license ?? 'licence not named'})\n`,
  );
  return INTRODUCTION + bundled + (beside.length > 0 ? INSTALLED + beside.join('') : '');
}

async function noticeOf(
  workspace: string,
  folder: string,
  textIn: Readonly<Record<string, string>>,
) {
  const path = join(workspace, folder);
  const { version, license } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8')) as {
    version: string;
    license?: string;
  };
  const name = nameOf(folder);
  const title = `${name} ${version}${license === undefined ? '' : ` (${license})`}`;
  const texts = await noticesIn(path);
  const other = textIn[name];
  if (texts.length > 0 || other === undefined) return { title, text: texts.join('\n\n') };
  return { title, text: (await noticesIn(join(workspace, 'node_modules', other))).join('\n\n') };
}

async function noticesIn(folder: string): Promise<string[]> {
  const files = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && NOTICE_FILE.test(entry.name))
    .map(({ name }) => name)
    .sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.map((text) => text.trim()).filter((text) => text !== '');
}

const nameOf = (folder: string): string => folder.slice(folder.lastIndexOf('node_modules/') + 13);
