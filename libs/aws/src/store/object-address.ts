/** Bucket and key of `s3://bucket/key`; undefined if the text is no such address. */
export function parseObjectAddress(text: string): { bucket: string; key: string } | undefined {
  const [, bucket, key] = /^s3:\/\/([a-z0-9.-]{3,63})\/(.{1,1024})$/s.exec(text) ?? [];
  return bucket === undefined || key === undefined ? undefined : { bucket, key };
}
