import { inflateRawSync } from 'node:zlib';
import { err, ok, type Result } from '@keyturn/kernel';

/** One file of a zip archive. `name` as bytes: Chinese archives name files in GBK. */
export interface ZipMember {
  readonly name: Buffer;
  readonly bytes: Buffer;
}

const maxMembers = 20;
const maxInflated = 64 * 1024 * 1024;

/**
 * Reads the members of a zip archive by its central directory (PKWARE APPNOTE 6.3.10, 4.3.12),
 * stored or deflated. At most 20 of them, 64 MiB together; whatever else is refused with a
 * sentence.
 */
export function readZip(bytes: Uint8Array): Result<readonly ZipMember[], string> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end === -1 || end + 22 > buffer.length) return err('the archive is cut off');
  const count = buffer.readUInt16LE(end + 10);
  if (count > maxMembers) return err(`the archive has ${count} files, more than ${maxMembers}`);
  let at = buffer.readUInt32LE(end + 16);
  let left = maxInflated;
  const members: ZipMember[] = [];
  try {
    for (let index = 0; index < count; index++) {
      if (buffer.readUInt32LE(at) !== 0x02014b50) return err('the archive is damaged');
      const method = buffer.readUInt16LE(at + 10);
      const packed = buffer.readUInt32LE(at + 20);
      const nameLength = buffer.readUInt16LE(at + 28);
      const header = buffer.readUInt32LE(at + 42);
      const name = buffer.subarray(at + 46, at + 46 + nameLength);
      const from =
        header + 30 + buffer.readUInt16LE(header + 26) + buffer.readUInt16LE(header + 28);
      const content = buffer.subarray(from, from + packed);
      if (content.length !== packed) return err('the archive is cut off');
      if (method !== 0 && method !== 8) return err(`compression ${method} is not read`);
      const plain = method === 0 ? content : inflateRawSync(content, { maxOutputLength: left });
      left -= plain.length;
      if (left <= 0) return err('the archive unpacks to more than 64 MiB');
      members.push({ name, bytes: plain });
      at += 46 + nameLength + buffer.readUInt16LE(at + 30) + buffer.readUInt16LE(at + 32);
    }
  } catch (error) {
    return err(`the archive is damaged (${error instanceof Error ? error.name : 'unreadable'})`);
  }
  return ok(members);
}
