/** A function's answer may have 6 MB, in which every quote of this text is escaped. */
export const MAX_ANSWER_BYTES = 2_500_000;

/** Makes a page, smaller and smaller until its text fits an answer. A page of one item always does. */
export async function fitting(limit: number, page: (limit: number) => Promise<unknown>): Promise<string> {
  for (let size = limit; ; size = Math.ceil(size / 2)) {
    const text = JSON.stringify(await page(size));
    if (size === 1 || Buffer.byteLength(text) <= MAX_ANSWER_BYTES) return text;
  }
}
