/** Names checksums as in S3's XML, such as `ChecksumCRC32`. */
export const checksumElements = (checksums: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(checksums).map(([algorithm, value]) => [
      `Checksum${algorithm.toUpperCase()}`,
      value,
    ]),
  );
