/**
 * Orders two strings by their UTF-8 bytes, as AWS sorts keys: negative where `a` comes first.
 * JavaScript's own order is that of UTF-16, which differs behind U+D7FF.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    // UTF-16 puts surrogates below U+E000; in UTF-8 what they stand for comes last.
    if (isSurrogate(x) !== isSurrogate(y)) return isSurrogate(x) ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;
