import { open } from 'node:fs/promises';

const MACHINES: Readonly<Record<number, string>> = { 62: 'x64', 183: 'arm64' };

/** The architecture that an ELF file is for; undefined for other files. */
export async function elfArch(file: string): Promise<string | undefined> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(20), 0, 20, 0);
  if (bytesRead < 20 || buffer.toString('latin1', 0, 4) !== '\x7fELF') return undefined;
  // e_machine of a little-endian file.
  const machine = buffer.readUInt16LE(18);
  return MACHINES[machine] ?? `machine ${machine}`;
}
