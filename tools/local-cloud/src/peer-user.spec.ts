import { expect, test } from 'vitest';

import { ownerOf } from './peer-user.ts';

const TABLE = `
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:11D6 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 101 1 x
   1: 0100007F:11D6 0100007F:A001 01 00000000:00000000 00:00000000 00000000  1000        0 102 1 x
   2: 0100007F:A001 0100007F:11D6 01 00000000:00000000 00:00000000 00000000  1001        0 103 1 x
   3: 0100007F:11D6 0100007F:A002 08 00000000:00000000 00:00000000 00000000  1000        0 104 1 x
   4: 0100007F:A002 0100007F:11D6 05 00000000:00000000 00:00000000 00000000     0        0 0 1 x
   5: 0100007F:11D6 0100007F:A003 01 00000000:00000000 00:00000000 00000000  1000        0 105 1 x
   6: 0000000000000000FFFF00000100007F:A004 0000000000000000FFFF00000100007F:11D6 01 00000000:00000000 00:00000000 00000000  1002        0 106 1 x
`;

test.each([
  ['a process of some user', 0xa001, 1001],
  ['a process that has closed its end: the kernel says root', 0xa002, 'gone'],
  ['an end that is listed no more', 0xa003, 'gone'],
  ['a socket for IPv6', 0xa004, 1002],
  ['a connection that is not listed', 0xa005, 'unknown'],
])('%s', (_, from, owner) => {
  expect(ownerOf(TABLE, { from, to: 0x11d6 })).toBe(owner);
});
