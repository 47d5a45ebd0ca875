import { compareUtf8 } from '../utf8-order.ts';
import type { UploadRecord } from '../multipart-upload.ts';
import { OWNER, sendXml, type Call } from './call.ts';
import { checksumElements } from './checksum-elements.ts';
import { listEncoding, pageSize } from './list-parameters.ts';
import { etagOfPart, uploadOf, withoutMd5 } from './multipart.ts';

export const LIST_PARTS_PARAMETERS = [
  'uploadId',
  'max-parts',
  'part-number-marker',
  'encoding-type',
];

export function listParts(call: Call): void {
  const { response, bucket, key, query } = call;
  const { record, parts } = uploadOf(call);
  const marker = Number(query.get('part-number-marker') ?? 0) || 0;
  const maxParts = pageSize(query, 'max-parts');
  const { encode, element } = listEncoding(query);
  const rest = [...parts.values()]
    .sort((a, b) => a.number - b.number)
    .filter(({ number }) => number > marker);
  const page = rest.slice(0, maxParts);
  sendXml(response, 'ListPartsResult', {
    Bucket: bucket,
    Key: encode(key),
    ...element,
    UploadId: record.id,
    ...initiatedBy(record),
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.number ?? 0,
    MaxParts: maxParts,
    IsTruncated: rest.length > page.length,
    Part: page.map(({ number, size, digests, lastModifiedMs }) => ({
      PartNumber: number,
      LastModified: new Date(lastModifiedMs).toISOString(),
      ETag: etagOfPart(digests),
      Size: size,
      ...(record.algorithm === undefined ? {} : checksumElements(withoutMd5(digests))),
    })),
  });
}

export const LIST_UPLOADS_PARAMETERS = [
  'uploads',
  'prefix',
  'delimiter',
  'key-marker',
  'upload-id-marker',
  'max-uploads',
  'encoding-type',
];

export function listMultipartUploads({ response, buckets, bucket, query }: Call): void {
  buckets.get(bucket);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = keyMarker === '' ? '' : (query.get('upload-id-marker') ?? '');
  const maxUploads = pageSize(query, 'max-uploads');
  const { encode, element } = listEncoding(query);
  const uploads: UploadRecord[] = [];
  const commonPrefixes = new Set<string>();
  let truncated = false;
  for (const upload of buckets.uploads.of(bucket)) {
    if (!upload.key.startsWith(prefix) || !isBehind(upload, keyMarker, idMarker)) continue;
    const end = delimiter === '' ? -1 : upload.key.indexOf(delimiter, prefix.length);
    const common = end < 0 ? undefined : upload.key.slice(0, end + delimiter.length);
    if (common !== undefined && (commonPrefixes.has(common) || keyMarker.startsWith(common))) {
      continue;
    }
    truncated = uploads.length + commonPrefixes.size === maxUploads;
    if (truncated) break;
    if (common === undefined) uploads.push(upload);
    else commonPrefixes.add(common);
  }
  sendXml(response, 'ListMultipartUploadsResult', {
    Bucket: bucket,
    KeyMarker: encode(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: encode(uploads.at(-1)?.key ?? ''),
    NextUploadIdMarker: uploads.at(-1)?.id ?? '',
    ...(delimiter === '' ? {} : { Delimiter: encode(delimiter) }),
    ...(prefix === '' ? {} : { Prefix: encode(prefix) }),
    ...element,
    MaxUploads: maxUploads,
    IsTruncated: truncated,
    Upload: uploads.map((upload) => ({
      Key: encode(upload.key),
      UploadId: upload.id,
      ...initiatedBy(upload),
      Initiated: new Date(upload.initiatedMs).toISOString(),
    })),
    CommonPrefixes: [...commonPrefixes].map((common) => ({ Prefix: encode(common) })),
  });
}

function isBehind({ key, id }: UploadRecord, keyMarker: string, idMarker: string): boolean {
  const order = compareUtf8(key, keyMarker);
  return order > 0 || (order === 0 && idMarker !== '' && compareUtf8(id, idMarker) > 0);
}

const initiatedBy = ({ algorithm, checksumType }: UploadRecord) => ({
  Initiator: OWNER,
  Owner: { ID: OWNER.ID },
  StorageClass: 'STANDARD',
  ...(algorithm === undefined
    ? {}
    : { ChecksumAlgorithm: algorithm.toUpperCase(), ChecksumType: checksumType }),
});
