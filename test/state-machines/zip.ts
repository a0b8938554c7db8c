import { crc32 } from "node:zlib";

/** A zip archive of one uncompressed file: what Lambda takes as code. */
export function zipOf(name: string, text: string): Uint8Array {
  const path = Buffer.from(name);
  const data = Buffer.from(text);
  // Version 2.0, no flags, stored, no time; then checksum, both sizes, length of the name, no extra field.
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt32LE(crc32(data), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(data.length, 18);
  common.writeUInt16LE(path.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, path, data]);

  const directory = Buffer.alloc(46);
  directory.write("PK\x01\x02", 0, "latin1");
  directory.writeUInt16LE(20, 4);
  common.copy(directory, 6);
  const central = Buffer.concat([directory, path]);

  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}
