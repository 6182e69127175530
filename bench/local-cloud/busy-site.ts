import { type AccessEvent, readAccessLog } from "../../local/feed/access-log.ts";
import type { EpochMs } from "../../shared/time/time.ts";

/** Requests per second of event time: a site of some size. */
const RATE = 1_000;

/** The sample's requests over and over, as if a busy site had got them: many events, few windows. */
export async function busySite(events: number): Promise<AccessEvent[]> {
  const log = await readAccessLog();
  const start = Math.ceil((log[0]?.time ?? 0) / 3_600_000) * 3_600_000;
  return Array.from({ length: events }, (_, i) => {
    const request = log[i % log.length] as AccessEvent;
    return { ...request, id: `request-${i}`, time: (start + Math.floor((i * 1_000) / RATE)) as EpochMs };
  });
}
