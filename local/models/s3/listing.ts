import { ServiceError } from "../service-error.ts";

const MAX_ENTRIES = 1_000;
/** S3 reads the number of entries as a 32-bit integer. */
const MAX_INTEGER = 2_147_483_647;

/** What a key is listed under with this delimiter: all up to the first one behind the prefix; undefined where there is none. */
export function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
  return cut < 0 ? undefined : key.slice(0, cut + delimiter.length);
}

/** How many entries a page has: what is asked for, 1,000 at most. Throws InvalidArgument for what is no such number. */
export function pageSize(name: string, asked: number = MAX_ENTRIES): number {
  if (!(Number.isInteger(asked) && asked >= 0 && asked <= MAX_INTEGER))
    throw new ServiceError(
      "InvalidArgument",
      `Provided ${name} not an integer or within integer range`,
      400,
      { ArgumentName: name },
    );
  return Math.min(asked, MAX_ENTRIES);
}
