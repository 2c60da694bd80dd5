/**
 * The last bytes of an archive: a skippable frame of zstd (RFC 8878 section 3.1.2) with the archive's length. Decoders of zstd do not all notice that the
 * last bytes of a frame are missing; with it, any truncation is noticed.
 */
export const archiveEndBytes = 16;
const skippableMagic = 0x184d2a50;

/** @param before the length of everything before the end, in bytes */
export function archiveEnd(before: number): Buffer {
  const end = Buffer.alloc(archiveEndBytes);
  end.writeUInt32LE(skippableMagic, 0);
  end.writeUInt32LE(8, 4);
  end.writeBigUInt64LE(BigInt(before + archiveEndBytes), 8);
  return end;
}

/** Passes on what an archive consists of, and the end after it. */
export async function* withArchiveEnd(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const chunk of content) {
    length += chunk.length;
    yield chunk;
  }
  yield archiveEnd(length);
}

/** Follows an archive while it is read, to tell at the end whether it is whole. */
export class EndWatcher {
  #length = 0;
  #last: Buffer = Buffer.alloc(0);

  see(chunk: Buffer): void {
    this.#length += chunk.length;
    this.#last = Buffer.concat([this.#last, chunk.subarray(-archiveEndBytes)]).subarray(-archiveEndBytes);
  }

  get length(): number {
    return this.#length;
  }

  get isWhole(): boolean {
    return this.#last.equals(archiveEnd(this.#length - archiveEndBytes));
  }
}
