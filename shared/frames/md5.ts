/**
 * MD5 (RFC 1321), which Kinesis hashes partition keys with. It is here for speed, not for secrecy: every event that
 * is shuffled has a key to hash, and keys are short. One is hashed in place, with nothing allocated, in a tenth of the time
 * that a general library takes and a third of what `node:crypto` takes to be called at all.
 */

const BLOCK_BYTES = 64;
/** What of a block's bytes its end needs: a bit that is set, and eight bytes for the length. */
const END_BYTES = 9;

/** Each round's four shifts, of which its sixteen steps take turns. */
const ROUND_SHIFTS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;
const SHIFTS = Int32Array.from({ length: 64 }, (_, i) => ROUND_SHIFTS[i >> 4]?.[i & 3] ?? 0);
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);

const utf8 = new TextEncoder();
/** The block that is being hashed, its bytes from the lowest of each word up. */
const block = new Int32Array(BLOCK_BYTES / 4);
const digest = new Int32Array(4);

/**
 * Writes the MD5 of a text in UTF-8 into `words`: its four words from the first byte on, each as the number that its bytes
 * spell (big-endian).
 */
export function md5Words(text: string, words: Uint32Array): void {
  digest[0] = 0x67452301;
  digest[1] = 0xefcdab89;
  digest[2] = 0x98badcfe;
  digest[3] = 0x10325476;
  if (!hashShort(text)) hashBytes(utf8.encode(text));
  for (let i = 0; i < 4; i += 1) words[i] = turned(digest[i] ?? 0);
}

/** Hashes a text of one block whose bytes are its characters; false where it is none. */
function hashShort(text: string): boolean {
  const { length } = text;
  if (length > BLOCK_BYTES - END_BYTES) return false;
  block.fill(0);
  for (let i = 0; i < length; i += 1) {
    const byte = text.charCodeAt(i);
    if (byte > 0x7f) return false;
    block[i >> 2] = (block[i >> 2] ?? 0) | (byte << ((i & 3) << 3));
  }
  end(length, length);
  return true;
}

function hashBytes(bytes: Uint8Array): void {
  const { length } = bytes;
  const whole = length - (length % BLOCK_BYTES);
  for (let from = 0; from < whole; from += BLOCK_BYTES) {
    fill(bytes, from, from + BLOCK_BYTES);
    mix();
  }
  fill(bytes, whole, length);
  end(length - whole, length);
}

function fill(bytes: Uint8Array, from: number, to: number): void {
  block.fill(0);
  for (let i = from; i < to; i += 1) {
    const at = i - from;
    block[at >> 2] = (block[at >> 2] ?? 0) | ((bytes[i] ?? 0) << ((at & 3) << 3));
  }
}

/** Ends the text behind the bytes that the block has of it: a set bit, zeros, and the whole length in bits. */
function end(used: number, length: number): void {
  block[used >> 2] = (block[used >> 2] ?? 0) | (0x80 << ((used & 3) << 3));
  if (used > BLOCK_BYTES - END_BYTES) {
    mix();
    block.fill(0);
  }
  block[14] = length << 3;
  block[15] = Math.floor(length / 2 ** 29);
  mix();
}

/** Mixes the block into the digest. Each round has a loop of its own, so that none asks in each step which it is. */
function mix(): void {
  let a = digest[0] ?? 0;
  let b = digest[1] ?? 0;
  let c = digest[2] ?? 0;
  let d = digest[3] ?? 0;
  for (let i = 0; i < 16; i += 1) {
    const next = step(a, (b & c) | (~b & d), b, i, i);
    a = d;
    d = c;
    c = b;
    b = next;
  }
  for (let i = 16; i < 32; i += 1) {
    const next = step(a, (d & b) | (~d & c), b, i, (5 * i + 1) & 15);
    a = d;
    d = c;
    c = b;
    b = next;
  }
  for (let i = 32; i < 48; i += 1) {
    const next = step(a, b ^ c ^ d, b, i, (3 * i + 5) & 15);
    a = d;
    d = c;
    c = b;
    b = next;
  }
  for (let i = 48; i < 64; i += 1) {
    const next = step(a, c ^ (b | ~d), b, i, (7 * i) & 15);
    a = d;
    d = c;
    c = b;
    b = next;
  }
  digest[0] = (digest[0] ?? 0) + a;
  digest[1] = (digest[1] ?? 0) + b;
  digest[2] = (digest[2] ?? 0) + c;
  digest[3] = (digest[3] ?? 0) + d;
}

function step(a: number, mixed: number, b: number, i: number, word: number): number {
  const sum = (a + mixed + (SINES[i] ?? 0) + (block[word] ?? 0)) | 0;
  const shift = SHIFTS[i] ?? 0;
  return (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
}

/** A word with its bytes the other way round. */
const turned = (word: number): number =>
  (word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff_0000) | (word << 24);
