/** Checksums as S3 writes them in XML, `ChecksumCRC32` for instance. */
export const checksumElements = (checksums: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(checksums).map(([algorithm, value]) => [
      `Checksum${algorithm.toUpperCase()}`,
      value,
    ]),
  );
