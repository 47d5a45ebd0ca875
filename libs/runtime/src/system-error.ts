/** What an error code of the operating system means, and what to do. Without capitals and full stops. */
type Explanation = readonly [what: string, remedy: string];

const DENIED: Explanation = [
  'access is denied',
  'change its permissions, or run this as a user who has them',
];
const OCCUPIED: Explanation = [
  'a file or folder of that name exists already',
  'remove it, or choose another place',
];
const BUSY: Explanation = ['another program is using it', 'close that program and try again'];
const TOO_LARGE: Explanation = ['the file is too large', 'choose a smaller one'];
const BROKEN_OFF: Explanation = [
  'the server closed the connection before it answered',
  'check the log of the server',
];
const UNREACHABLE: Explanation = [
  'no network route leads to that host',
  'check the address and the network',
];
const TIMED_OUT: Explanation = ['the host does not answer', 'check the address and the firewall'];
const CERTIFICATE: Explanation = [
  "the server's certificate is not trusted",
  'add its authority with NODE_EXTRA_CA_CERTS, or check the address',
];

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ENOENT: ['there is no such file or folder', 'check the path'],
  EACCES: DENIED,
  EPERM: DENIED,
  EISDIR: ['it is a folder and not a file', 'give a file in that folder'],
  ENOTDIR: ['a part of the path is a file and not a folder', 'check the path'],
  EMFILE: [
    'this process has too many files open',
    'raise the limit (ulimit -n 4096) and try again',
  ],
  ENFILE: ['the system has too many files open', 'end other programs and try again'],
  ENOSPC: ['the disk is full', 'free some space, or choose another place'],
  EDQUOT: ['your disk quota is used up', 'free some space, or choose another place'],
  EROFS: ['the file system is read-only', 'choose another place'],
  ENAMETOOLONG: ['the path is too long', 'shorten it'],
  ELOOP: ['its symbolic links lead in a circle', 'check them with ls -l'],
  EEXIST: OCCUPIED,
  ENOTEMPTY: OCCUPIED,
  EBUSY: BUSY,
  ETXTBSY: BUSY,
  EFBIG: TOO_LARGE,
  ERR_FS_FILE_TOO_LARGE: TOO_LARGE,
  EIO: ['the device failed', 'check the disk or the network drive'],
  ENXIO: ['it is a socket or a device and not a file', 'check the path'],
  ENOMEM: ['there is not enough memory', 'end other programs and try again'],
  ECONNREFUSED: ['nothing listens at that address and port', 'check that the server runs'],
  ECONNRESET: BROKEN_OFF,
  EPIPE: BROKEN_OFF,
  UND_ERR_SOCKET: BROKEN_OFF,
  ENOTFOUND: ['there is no host of that name', 'check the address'],
  EAI_AGAIN: ['the name of the host cannot be resolved', 'check the network'],
  ETIMEDOUT: TIMED_OUT,
  UND_ERR_CONNECT_TIMEOUT: TIMED_OUT,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  EADDRNOTAVAIL: ['this machine has no free port left', 'send fewer requests at once'],
  EPROTO: ['the server does not speak TLS there', 'try http:// instead of https://'],
  DEPTH_ZERO_SELF_SIGNED_CERT: CERTIFICATE,
  SELF_SIGNED_CERT_IN_CHAIN: CERTIFICATE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CERTIFICATE,
  CERT_HAS_EXPIRED: CERTIFICATE,
  ERR_TLS_CERT_ALTNAME_INVALID: CERTIFICATE,
};

/** What the code of an error means, or the code of its cause (where fetch puts it), as part of a sentence. */
export const explainBriefly = (error: unknown): string => {
  const [what] = explanationOf(error) ?? [];
  return what ?? messageOf(error);
};

/** What the code of an error means and what to do, in sentences. For an unknown code, the error's message. */
export function explain(error: unknown): string {
  const explanation = explanationOf(error);
  return explanation === undefined
    ? messageOf(error)
    : explanation.map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}.`).join(' ');
}

/** True for an error of a system call, such as reading a file. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error;

function explanationOf(error: unknown): Explanation | undefined {
  if (!(error instanceof Error)) return undefined;
  const known = 'code' in error ? EXPLANATIONS[String(error.code)] : undefined;
  return known ?? explanationOf(error.cause);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // This is the whole message of fetch; the cause says more.
  const isWrapped = error.message === 'fetch failed' && error.cause instanceof Error;
  return isWrapped ? messageOf(error.cause) : error.message;
}
