/** CRC-32C (Castagnoli), reflected. Node's zlib has CRC-32 only. */
const CRC32C = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

export class Crc32c {
  #value = 0xffffffff;

  update(chunk: Buffer): void {
    let value = this.#value;
    for (const byte of chunk) value = (CRC32C[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
    this.#value = value;
  }

  base64(): string {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE((this.#value ^ 0xffffffff) >>> 0);
    return bytes.toString('base64');
  }
}

/** CRC-64/NVME, reflected, each entry in two halves: BigInt would cost several times as much. */
const CRC64 = Array.from({ length: 256 }, (_, byte) => {
  let value = BigInt(byte);
  for (let bit = 0; bit < 8; bit += 1) {
    value = value & 1n ? (value >> 1n) ^ 0x9a6c9329ac4bc9b5n : value >> 1n;
  }
  return value;
});
const CRC64_HIGH = Uint32Array.from(CRC64, (value) => Number(value >> 32n));
const CRC64_LOW = Uint32Array.from(CRC64, (value) => Number(value & 0xffffffffn));

export class Crc64Nvme {
  #high = 0xffffffff;
  #low = 0xffffffff;

  update(chunk: Buffer): void {
    let [high, low] = [this.#high, this.#low];
    for (const byte of chunk) {
      const index = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (CRC64_LOW[index] ?? 0);
      high = (high >>> 8) ^ (CRC64_HIGH[index] ?? 0);
    }
    this.#high = high;
    this.#low = low;
  }

  base64(): string {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE((this.#high ^ 0xffffffff) >>> 0);
    bytes.writeUInt32BE((this.#low ^ 0xffffffff) >>> 0, 4);
    return bytes.toString('base64');
  }
}
