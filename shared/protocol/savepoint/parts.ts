/** Partitions that are read or written at a time. */
const AT_A_TIME = 8;

/** Runs `run` for each item, some at a time, and answers in their order. */
export async function inParts<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_A_TIME)
    results.push(...(await Promise.all(items.slice(at, at + AT_A_TIME).map(run))));
  return results;
}
