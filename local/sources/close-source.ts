import type { EventSource } from "./event-source.ts";

/**
 * Ends a source and takes it off the list. Resolves with it when its last invocation is over; undefined where the
 * list has none of that id. A source that had failed before is ended all the same: `stats` still says why it failed.
 */
export async function closeSource(sources: EventSource[], id: string): Promise<EventSource | undefined> {
  const index = sources.findIndex((source) => source.id === id);
  const [source] = index < 0 ? [] : sources.splice(index, 1);
  await Promise.allSettled([source?.close()]);
  return source;
}
